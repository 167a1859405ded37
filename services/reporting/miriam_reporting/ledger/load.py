"""Many events at once, by COPY: for restoring, for benchmarks, for tests. Needs the owner's role, and no eventlet."""

import io
import itertools
from collections.abc import Iterable, Iterator

from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import leaf_hash
from miriam_reporting.ledger.leaves import RecordedEvent, read

_CHUNK = 20_000
_COPY = "copy ledger.leaf (position, source, sequence, event_id, type, body, hash, data) from stdin"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class OutOfSequence(ValueError):
    """The events do not follow what the ledger holds of their source. The message names source and numbers."""


def load_leaves(connection: Connection, bodies: Iterable[bytes]) -> int:
    """Append recorded events, given as their exact bytes, in the order given; answer the ledger's new head.

    Each source's numbers must follow without a hole upon what the ledger holds of it. Runs inside the caller's
    transaction and does not commit. Raises Unreadable or OutOfSequence; then the caller must roll back.
    """
    with connection.cursor() as cursor:
        cursor.execute("select position from ledger.head for update")
        row = cursor.fetchone()
        assert row is not None
        position = int(row[0])
        cursor.execute("select source, last_sequence from ledger.source")
        last: dict[str, int] = dict(cursor.fetchall())
        events = map(read, bodies)
        while chunk := list(itertools.islice(events, _CHUNK)):
            cursor.copy_expert(_COPY, io.StringIO("".join(_rows(chunk, position, last))))
            position += len(chunk)
        for source, sequence in last.items():
            cursor.execute(
                "insert into ledger.source (source, last_sequence) values (%s, %s)"
                " on conflict (source) do update set last_sequence = excluded.last_sequence, moved_at = now()",
                (source, sequence),
            )
        cursor.execute("update ledger.head set position = %s", (position,))
        cursor.execute("select pg_notify('ledger', %s)", (str(position),))
    return position


def _rows(events: list[RecordedEvent], position: int, last: dict[str, int]) -> Iterator[str]:
    for number, event in enumerate(events, position + 1):
        expected = last.get(event.source, 0) + 1
        if event.sequence != expected:
            raise OutOfSequence(f"{event.source}: {event.sequence} where {expected} follows")
        last[event.source] = expected
        text = event.body.translate(_ESCAPES)
        digest = leaf_hash(event.body.encode()).hex()
        yield f"{number}\t{event.source}\t{event.sequence}\t{event.id}\t{event.type}\t{text}\t\\\\x{digest}\t{text}\n"
