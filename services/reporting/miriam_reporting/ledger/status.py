"""What the ledger holds, in few numbers: for operators, health checks and pages."""

from datetime import UTC
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger.checkpoints import latest

_SOURCES = """
select held.source, held.last_sequence, held.moved_at,
       (select count(*) from ledger.gap where gap.source = held.source and gap.filled_at is null)
  from ledger.source as held
 order by held.source
"""


def head(connection: Connection) -> dict[str, Any]:
    """The ledger's position, each source's last number, open gaps and alarms, how far the facts are, what is signed.

    Times are UTC, ISO 8601.
    """
    with connection.cursor() as cursor:
        cursor.execute("set local timezone to 'UTC'")
        cursor.execute("select position from ledger.head")
        position = _one(cursor.fetchone())
        cursor.execute(_SOURCES)
        sources = {
            source: {"sequence": last, "moved_at": moved.isoformat(), "open_gaps": gaps}
            for source, last, moved, gaps in cursor.fetchall()
        }
        cursor.execute("select count(*) from ledger.alarm")
        alarms = _one(cursor.fetchone())
        cursor.execute("select position from facts.checkpoint")
        projected = _one(cursor.fetchone())
    return {
        "position": position,
        "sources": sources,
        "alarms": alarms,
        "projected": projected,
        "checkpoint": _signed(connection),
    }


def _signed(connection: Connection) -> dict[str, Any] | None:
    """The newest signed head, and the size of the newest that a witness cosigned; None before the first."""
    found = latest(connection)
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(size), 0) from ledger.cosignature")
        cosigned = _one(cursor.fetchone())
    return {"size": found.size, "signed_at": found.signed_at.astimezone(UTC).isoformat(), "cosigned": cosigned}


def _one(row: Any) -> int:
    assert row is not None
    return int(row[0])
