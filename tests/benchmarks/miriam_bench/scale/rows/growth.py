"""What an event costs as the ledger grows: rebuilding all facts, adding leaves, projecting them. Processor time.

Processor time of the server's sessions, for a neighbour on the machine changes it little; the rebuild's events a second
are by the clock. Live work finds the ledger's indexes in memory, where those of a ledger in use are; it is done at the
end of each ledger and rolled back, so that this has the same size again.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_bench.model import Bar, Row
from miriam_bench.scale import cpu
from miriam_bench.scale.bench import Bench, growth, short
from miriam_bench.scale.editions import more
from miriam_local.databases import DatabaseAccess
from miriam_reporting.facts.projection import project
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger.add import add
from miriam_reporting.ledger.leaves import RecordedEvent, read

_LIVE = 10_000
_BATCH = 100
_SMALL = 1_000_000


def run(bench: Bench) -> Iterator[Row]:
    """Three rows: rebuild at the largest size, and the growth of rebuild and of live work."""
    rebuilt: dict[int, list[float]] = {}
    paces: dict[int, list[float]] = {}
    live: dict[str, dict[int, list[float]]] = {"added to the ledger": {}, "projected": {}}
    for size, access in bench.growing.items():
        # Small ledgers are measured more often, for their times are short.
        for _ in range(1 if size > _SMALL else bench.rounds + 2):
            spent, pace = _rebuild(bench, access, size)
            rebuilt.setdefault(size, []).append(spent)
            paces.setdefault(size, []).append(pace)
        bench.kept.warm(access, "ledger.leaf")
        added, projected = _live(access)
        live["added to the ledger"][size], live["projected"][size] = added, projected
        bench.tell(
            f"{short(size)}: rebuild {statistics.median(rebuilt[size]):.1f} us an event, "
            f"{statistics.median(paces[size]):,.0f}/s; added {statistics.median(added):.0f} us, "
            f"projected {statistics.median(projected):.0f} us"
        )
    yield Row(
        f"rebuild of all facts at {short(bench.largest)}", "events/s", "higher", Bar(100_000), paces[bench.largest],
        others={f"at {short(size)}": values for size, values in paces.items()},
        limits="two cores: reading jsonb, building indexes", notes="indexes included; comparing and swapping not",
    )  # fmt: skip
    yield growth("rebuild, processor time an event", rebuilt, 1.2)
    for name, values in live.items():
        yield growth(f"an event {name} in batches of {_BATCH}, processor time", values, 1.5)


def _rebuild(bench: Bench, access: DatabaseAccess, size: int) -> tuple[float, float]:
    """Microseconds of processor, and events a second, until the indexes are there."""
    ends: dict[str, tuple[float, float]] = {}

    def tell(step: str, _done: int, _of: int) -> None:
        ends[step] = (time.perf_counter(), cpu.of_server(bench.kept))

    began, used = time.perf_counter(), cpu.of_server(bench.kept)
    rebuild(access.owner_url, access.app_role, tell=tell)
    indexed, used_by_then = ends["indexed"]
    return (used_by_then - used) / size * 1e6, size / (indexed - began)


def _live(access: DatabaseAccess) -> tuple[list[float], list[float]]:
    """Microseconds of processor an event, batch by batch: added to the ledger, and projected."""
    added: list[float] = []
    projected: list[float] = []
    # As the owner, who may do both: the services have a role each.
    with closing(psycopg2.connect(access.owner_url)) as connection:
        numbers = _numbers(connection)
        events = map(read, more(numbers))
        while len(added) < _LIVE // _BATCH:
            batch = list(islice(events, _BATCH))
            used = cpu.of_session(connection)
            for source in {event.source for event in batch}:
                add(connection, source, _of(batch, source))
            between = cpu.of_session(connection)
            project(connection)
            added.append((between - used) / len(batch) * 1e6)
            projected.append((cpu.of_session(connection) - between) / len(batch) * 1e6)
        connection.rollback()
    return added[len(added) // 10 :], projected[len(projected) // 10 :]


def _of(batch: list[RecordedEvent], source: str) -> list[RecordedEvent]:
    return [event for event in batch if event.source == source]


def _numbers(connection: Connection) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("select source, last_sequence from ledger.source")
        found = {str(source): int(last) for source, last in cursor}
    connection.rollback()
    return found
