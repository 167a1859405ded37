"""What became of each rebuild, and what a killed one left behind."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.facts.comparison import Difference

_LAST = """
select number, began_at, ended_at, outcome, position, compared, differences
  from projections.rebuild
 order by number desc
 limit 1
"""


def begin(connection: Connection, digest: str) -> int:
    """Note that a rebuild begins, as the owner; its number. What never ended was killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update projections.rebuild set ended_at = clock_timestamp(), outcome = 'abandoned' where ended_at is null"
        )
        cursor.execute("insert into projections.rebuild (definition) values (%s) returning number", (digest,))
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def end(
    connection: Connection,
    number: int,
    outcome: str,
    position: int | None = None,
    compared: bool | None = None,
    differences: Sequence[Difference] = (),
) -> None:
    """Note how it ended, as the owner: `swapped`, `differs` or `failed`."""
    told = json.dumps([asdict(each) for each in differences])
    with connection.cursor() as cursor:
        cursor.execute(
            "update projections.rebuild set ended_at = clock_timestamp(), outcome = %s, position = %s, compared = %s,"
            " differences = %s where number = %s",
            (outcome, position, compared, told, number),
        )


def last(connection: Connection) -> dict[str, Any] | None:
    """The last rebuild: its times (UTC, ISO 8601), its outcome (None while it runs), position and differences."""
    with connection.cursor() as cursor:
        cursor.execute("set local timezone to 'UTC'")
        cursor.execute(_LAST)
        row = cursor.fetchone()
    if row is None:
        return None
    number, began, ended, outcome, position, compared, differences = row
    return {
        "number": number,
        "began_at": began.isoformat(),
        "ended_at": ended and ended.isoformat(),
        "outcome": outcome,
        "position": position,
        "compared": compared,
        "differences": differences,
    }


def clear_leftovers(connection: Connection) -> list[str]:
    """Drop what a killed rebuild left; the names of the schemas that were dropped.

    As the application or the owner, in a transaction of the caller's. Cheap where there is nothing to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("select projections.clear_leftovers()")
        row = cursor.fetchone()
        return list(row[0]) if row else []
