"""Each leaf by itself: its hash is that of its body, and its columns say what its body says."""

from collections.abc import Iterator

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_reporting.audit.sweep.asking import ask


def differing(connection: Connection, first: int, last: int) -> Iterator[Finding]:
    """The leaves first..last that contradict themselves. Needs a connection in autocommit mode.

    A body that is no JSON fails the whole query: the range is then halved until that leaf stands alone.
    """
    try:
        rows = ask(connection, "differing", first=first, last=last)
    except psycopg2.DataError:
        if first == last:
            yield _unreadable(connection, first)
            return
        middle = (first + last) // 2
        yield from differing(connection, first, middle)
        yield from differing(connection, middle + 1, last)
        return
    for position, source, sequence, event_id, columns in rows:
        what = "does not agree with the body: " + ", ".join(columns)
        yield Finding("leaf", what, position, source, sequence, event_id)


def emptied(connection: Connection, first: int, last: int) -> Iterator[Finding]:
    """The leaves first..last whose body is gone, and which no retirement of an edition covers."""
    for position, source, sequence, event_id in ask(connection, "emptied", first=first, last=last):
        yield Finding("retirement", "the body is gone, and no retirement says so", position, source, sequence, event_id)


def _unreadable(connection: Connection, position: int) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            "select source, sequence, event_id::text from ledger.leaf where position = %s",
            (position,),
        )
        row = cursor.fetchone()
        assert row is not None
        return Finding("leaf", "the body is no JSON", position, *row)
