"""Adding to the ledger: one round trip, all rules in `ledger.add` (SQL)."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger.leaves import RecordedEvent


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch of one source.

    added      leaves made
    duplicate  events that the ledger held already, byte for byte
    differing  numbers that it holds with another body: alarmed, and kept
    waiting    events beyond a missing number: not written
    last       the source's last number in the ledger
    next       the smallest number that waits, or None
    """

    added: int
    duplicate: int
    differing: int
    waiting: int
    last: int
    next: int | None


_ADD = "select * from ledger.add(%s, %s::bigint[], %s::uuid[], %s::text[], %s::text[])"


def add(connection: Connection, source: str, events: Sequence[RecordedEvent]) -> Added:
    """Add the events of one source, in whatever order they stand; commit soon, for all other adding waits.

    Raises psycopg2.IntegrityError where the ledger's constraints refuse the batch: then nothing was written.
    """
    columns = (
        [event.sequence for event in events],
        [event.id for event in events],
        [event.type for event in events],
        [event.body for event in events],
    )
    with connection.cursor() as cursor:
        cursor.execute(_ADD, (source, *columns))
        row = cursor.fetchone()
        assert row is not None
        return Added(*row)


def last_sequence(connection: Connection, source: str) -> int:
    """The last number of a source in the ledger; 0 before its first."""
    with connection.cursor() as cursor:
        cursor.execute("select last_sequence from ledger.source where source = %s", (source,))
        row = cursor.fetchone()
        return int(row[0]) if row else 0
