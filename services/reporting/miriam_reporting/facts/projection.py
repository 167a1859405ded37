"""Projecting a range of leaves into the fact tables, in three steps a table that are the same live and in a rebuild.

1. `insert`: each fact and each replacement of a correction in the range becomes a version.
2. `close`: a correction or retraction in the range gives every version before it its `until_position`.
3. `retract`: a retraction becomes a version too, with the payload of the version that it closed.

Leaves enter here, and here alone: from `ledger.counted`, which leaves out those of test CPAS, and those that were
emptied (whose facts are deleted, see ../retiring).

Steps 2 and 3 rest on the leaves' positions alone, so it makes no difference how the leaves are cut into ranges: one
batch may hold a fact, its correction and its retraction (`test_any_cut_into_batches_gives_the_same_versions`).
"""

from collections.abc import Iterable

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_reporting.facts import mentions
from miriam_reporting.facts.definitions import Definition, FactTable, definition
from miriam_reporting.facts.schema import LIVE, use

# Any number would do: whoever projects into the live facts, or swaps them, holds it for the transaction.
LOCK = 0x4D69666163
LIVE_BATCH = 500
# Behind by more than this, larger batches are cheaper an event; nobody waits for one figure then.
FAR_BEHIND = 5_000
FAR_BATCH = 20_000
# The ledger's own counts are kept at every so many positions (migrations/0006_ledger_milestones).
MILESTONE = 10_000


class OtherDefinition(Exception):
    """The live fact tables were made from other files than this code's: a rebuild is needed, or newer code."""


_VERSIONS = """
with versions as (
  select event_id as first_id, event_id, position as from_position, source, split_part(type, '.', 3) as fact,
         (at at time zone 'Europe/Brussels')::date as noted_on,
         (payload->>'occurred_on')::date as occurred_on, payload
    from (
      select leaf.event_id, leaf.position, leaf.source, leaf.type,
             (leaf.data->>'time')::timestamptz as at, leaf.data->'data' as payload
        from ledger.counted as leaf
       where leaf.position > %(after)s and leaf.position <= %(upto)s and leaf.type = any (%(types)s)
      offset 0
    ) as stated
"""
_CORRECTIONS = """
   union all
  select (correction->>'corrects')::uuid, event_id, position, source, correction->>'fact',
         (at at time zone 'Europe/Brussels')::date,
         (correction->'replacement'->>'occurred_on')::date, correction->'replacement'
    from (
      select leaf.event_id, leaf.position, leaf.source,
             (leaf.data->>'time')::timestamptz as at, leaf.data->'data' as correction
        from ledger.counted as leaf
       where leaf.position > %(after)s and leaf.position <= %(upto)s and leaf.type = any (%(corrected)s)
         and leaf.data->'data'->>'fact' = any (%(names)s)
      offset 0
    ) as corrected
"""
# What changed facts of the table in the range, each with the changes of the same fact before and after it.
# Written so that every join is one on first_id: plans stay good although nobody knows how many changes there are.
_CHANGES = """
with changes as (
  select change.*,
         lag(position, 1, 0::bigint) over of_fact as before,
         lead(position, 1, 9223372036854775807) over of_fact as until,
         count(*) filter (where retracts) over of_fact as round
    from (
      select coalesce(leaf.data->'data'->>'corrects', leaf.data->'data'->>'retracts')::uuid as first_id,
             leaf.position, leaf.event_id, leaf.type = any (%(retracted)s) as retracts,
             (leaf.data->>'time')::timestamptz as at
        from ledger.counted as leaf
       where leaf.position > %(after)s and leaf.position <= %(upto)s and leaf.type = any (%(changing)s)
         and leaf.data->'data'->>'fact' = any (%(names)s)
    ) as change
  window of_fact as (partition by first_id order by position)
)
"""
_CLOSE = """
update {table} as version
   set until_position = changes.position
  from changes
 where version.first_id = changes.first_id
   and version.until_position = 9223372036854775807
   and version.from_position < changes.position
   and version.from_position >= changes.before
"""
_RETRACT = """
insert into {table} (first_id, event_id, from_position, until_position, retracted, noted_on, {payload})
select ended.first_id, changes.event_id, changes.position, changes.until, true,
       (changes.at at time zone 'Europe/Brussels')::date, {ended_payload}
  from changes
  join {table} as ended on ended.first_id = changes.first_id and ended.until_position = changes.position
 where changes.retracts and changes.round = %(round)s
"""
_OWN = frozenset({"first_id", "event_id", "from_position", "until_position", "retracted", "noted_on"})


def checkpoint(connection: Connection) -> int:
    """The position that the live facts have reached."""
    with connection.cursor() as cursor:
        cursor.execute("select position from facts.checkpoint")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def project(connection: Connection, maximum: int | None = None) -> int:
    """Project further leaves into the live facts and move the checkpoint; answer how many there were.

    Up to `maximum`; by default what has arrived, up to 500, or 20,000 when far behind. One transaction, which is left
    to the caller to commit, and in which nothing was read before: whoever swaps the facts holds the lock taken here and
    wants the tables. Raises OtherDefinition.
    """
    made = definition()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute("select position, definition from facts.checkpoint")
        row = cursor.fetchone()
        assert row is not None
        after, digest = int(row[0]), str(row[1])
        if digest != made.digest:
            raise OtherDefinition("the facts were made by other code: run `python -m miriam_reporting migrate`")
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
        assert row is not None
        head = int(row[0])
    if head <= after:
        return 0
    upto = min(head, after + (maximum or (LIVE_BATCH if head - after <= FAR_BEHIND else FAR_BATCH)))
    advance(connection, LIVE, made, after, upto)
    if upto // MILESTONE > after // MILESTONE:
        with connection.cursor() as cursor:
            cursor.execute("select ledger.set_milestones()")
    return upto - after


def advance(connection: Connection, schema: str, made: Definition, after: int, upto: int) -> None:
    """Project the leaves after..upto into the tables of `schema`, whose checkpoint stands at `after`, and move it."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct type from ledger.leaf where position > %s and position <= %s", (after, upto))
        present = {str(row[0]) for row in cursor.fetchall()}
        use(connection, schema)
        changes = False
        for table in made.tables:
            corrected, retracted = present.intersection(table.corrected), present.intersection(table.retracted)
            if corrected or present.intersection(table.types):
                insert(connection, table, after, upto, corrections=bool(corrected))
            if corrected or retracted:
                close(connection, table, after, upto)
            if retracted:
                retract(connection, table, after, upto)
            changes |= bool(corrected or retracted)
        mentions.note(connection, after, upto, changes)
        cursor.execute("update checkpoint set position = %s, moved_at = now()", (upto,))


def insert(connection: Connection, table: FactTable, after: int, upto: int, corrections: bool = True) -> int:
    """Step 1; answers the rows made. The search path names the schema."""
    versions = _VERSIONS + (_CORRECTIONS if corrections else "") + ")\n"
    return _run(connection, versions + table.rows.rstrip(";"), table, after, upto)


def close(connection: Connection, table: FactTable, after: int, upto: int) -> int:
    """Step 2; answers the rows closed."""
    statement = sql.SQL(_CHANGES + _CLOSE).format(table=sql.Identifier(table.name))
    return _run(connection, statement, table, after, upto)


def retract(connection: Connection, table: FactTable, after: int, upto: int) -> int:
    """Step 3, after step 2; answers the rows made.

    No service records a second retraction of a fact. Should the ledger hold one all the same, it is a version as well,
    whose payload is that of the retraction before it: hence the rounds.
    """
    payload = _payload_columns(connection, table)
    statement = sql.SQL(_CHANGES + _RETRACT).format(
        table=sql.Identifier(table.name),
        payload=sql.SQL(", ").join(map(sql.Identifier, payload)),
        ended_payload=sql.SQL(", ").join(sql.Identifier("ended", name) for name in payload),
    )
    made, turn = 0, 1
    while rows := _run(connection, statement, table, after, upto, turn):
        made, turn = made + rows, turn + 1
    return made


def _payload_columns(connection: Connection, table: FactTable) -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " order by attnum",
            (table.name,),
        )
        return [name for (name,) in cursor.fetchall() if name not in _OWN]


def _run(
    connection: Connection, statement: str | sql.Composable, table: FactTable, after: int, upto: int, turn: int = 1
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "after": after,
                "upto": upto,
                "types": list(table.types),
                "corrected": list(table.corrected),
                "retracted": list(table.retracted),
                "changing": [*table.corrected, *table.retracted],
                "names": table.names,
                "round": turn,
            },
        )
        return cursor.rowcount
