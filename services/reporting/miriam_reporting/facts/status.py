"""The fact tables in few numbers: how far they are, what they were made from, how many rows they hold."""

from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_reporting.facts import history, schema
from miriam_reporting.facts.definitions import definition
from miriam_reporting.facts.reading import reading
from miriam_reporting.facts.schema import LIVE, NEXT

_LAG = """
select head.position, checkpoint.moved_at,
       coalesce(extract(epoch from clock_timestamp() - (
         select received_at from ledger.leaf where position = checkpoint.position + 1
       )), 0)
  from ledger.head, facts.checkpoint
"""
_COUNT = "select count(*), count(*) filter (where until_position = 9223372036854775807 and not retracted) from {}.{}"


def status(connection: Connection) -> dict[str, Any]:
    """Position and lag (leaves; whole seconds that the first of them waits), definitions, rows by table, last rebuild.

    `rows` are versions, `standing` those that stand. Needs a connection outside a transaction, and leaves it so.
    """
    made = definition()
    with reading(connection) as position, connection.cursor() as cursor:
        cursor.execute("set local timezone to 'UTC'")
        cursor.execute(_LAG)
        row = cursor.fetchone()
        assert row is not None
        head, moved_at, waited = row
        digest = schema.made_from(connection, LIVE)
        tables = {}
        for table in made.tables if digest == made.digest else ():
            cursor.execute(sql.SQL(_COUNT).format(sql.Identifier(LIVE), sql.Identifier(table.name)))
            rows, standing = cursor.fetchone() or (0, 0)
            tables[table.name] = {"rows": rows, "standing": standing}
        return {
            "position": position,
            "head": head,
            "lag": {"leaves": head - position, "seconds": int(waited) if head > position else 0},
            "moved_at": moved_at.isoformat(),
            "definition": {"facts": digest, "code": made.digest, "same": digest == made.digest},
            "tables": tables,
            "rebuild": history.last(connection),
            "beside": [name for name in (NEXT, f"{LIVE}_old") if schema.exists(connection, name)],
        }
