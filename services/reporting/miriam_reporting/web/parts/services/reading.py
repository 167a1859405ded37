"""What is wrong or late in reporting's own database, in numbers: no event and no body."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

# A projector that is this far behind does not run, or cannot keep up.
SLOW_SECONDS = 60
_MOST = 50
_GAPS = """
select source, first, last, noticed_at from ledger.gap where filled_at is null
 order by noticed_at, source, first limit %s
"""
_ALARMS = "select kind, source, sequence, raised_at from ledger.alarm order by raised_at desc, id desc limit %s"
_FACTS = """
select checkpoint.moved_at,
       coalesce(extract(epoch from clock_timestamp() - (
         select leaf.received_at from ledger.leaf where leaf.position = checkpoint.position + 1
       )), 0)::integer,
       (select leaf.received_at from ledger.leaf order by leaf.position desc limit 1)
  from facts.checkpoint
"""


@dataclass(frozen=True, slots=True)
class Troubles:
    """Open gaps and alarms, up to 50 of each; how long the first leaf waits for the projector; the last leaf's arrival.

    A gap is source, first and last number, and when it was noticed; an alarm kind, source, number, and when.
    """

    gaps: Sequence[Any]
    alarms: Sequence[Any]
    projector_seconds: int
    moved_at: dt.datetime
    last_leaf: dt.datetime | None


def troubles(connection: Connection) -> Troubles:
    """As it stands now. Runs in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, (_MOST,))
        gaps = cursor.fetchall()
        cursor.execute(_ALARMS, (_MOST,))
        alarms = cursor.fetchall()
        cursor.execute(_FACTS)
        ((moved_at, seconds, last_leaf),) = cursor.fetchall()
    return Troubles(gaps, alarms, seconds, moved_at, last_leaf)
