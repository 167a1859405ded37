"""A store's look at itself: do the columns of each event say what its body says? Bodies alone travel to the ledger, so
nobody else would notice a column that was changed.
"""

from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection


@dataclass(frozen=True, slots=True)
class Differing:
    """An event whose columns, by name, differ from its body; `body` where that is no event at all."""

    sequence: int
    id: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of events that were looked at. `last` is the number of the last, None where there was none."""

    last: int | None
    events: int
    differing: tuple[Differing, ...]


def check(connection: Connection, after: int, maximum: int) -> Page:
    """Look at up to `maximum` events behind number `after`. The connection must be in a transaction.

    A body that is no JSON fails the whole query: the page is then halved until that event stands alone.
    """
    last, events = _row(connection, "select last, events from event_store.last_of_page(%s, %s)", after, maximum)
    return Page(last, events, tuple(_differing(connection, after, events)))


def guards_missing(connection: Connection) -> list[str]:
    """What keeps events from being changed, and is not there."""
    with connection.cursor() as cursor:
        cursor.execute("select * from event_store.guards_missing()")
        return [str(what) for (what,) in cursor.fetchall()]


def _differing(connection: Connection, after: int, count: int) -> list[Differing]:
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute("savepoint look")
        try:
            cursor.execute("select sequence, id::text, columns from event_store.differing(%s, %s)", (after, count))
            found = [Differing(sequence, id_, tuple(columns)) for sequence, id_, columns in cursor.fetchall()]
        except psycopg2.DataError:
            cursor.execute("rollback to savepoint look")
        else:
            cursor.execute("release savepoint look")
            return found
        if count == 1:
            cursor.execute(
                "select sequence, id::text from event_store.event where sequence > %s order by sequence limit 1",
                (after,),
            )
            return [Differing(sequence, id_, ("body",)) for sequence, id_ in cursor.fetchall()]
    half = count // 2
    middle, _ = _row(connection, "select last, events from event_store.last_of_page(%s, %s)", after, half)
    return _differing(connection, after, half) + _differing(connection, middle, count - half)


def _row(connection: Connection, query: str, *values: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        (row,) = cursor.fetchall()
        return tuple(row)
