"""What recording an event costs in an event store that grows: appended in batches of fifty, as an inbox does.

Processor time of the session that appends, the indexes in memory, where those of a store in use are. All is rolled back
at the end, so that the store has the same size again.
"""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Iterator
from contextlib import closing

import psycopg2

from miriam_bench.events import new_event
from miriam_bench.model import Row
from miriam_bench.scale import cpu
from miriam_bench.scale.bench import Bench, growth, short
from miriam_bench.scale.stores import store
from miriam_local.databases import DatabaseAccess
from miriam_platform import store as event_store
from miriam_platform.times import now

_BATCH, _BATCHES = 50, 300


def run(bench: Bench) -> Iterator[Row]:
    """One row."""
    found: dict[int, list[float]] = {}
    for size in bench.growing:
        access = store(bench.kept, size, bench.tell)
        bench.kept.warm(access, "event_store.event")
        found[size] = _append(access)
        bench.tell(f"{short(size)}: {statistics.median(found[size]):.0f} us an event")
    yield growth(f"an event recorded in batches of {_BATCH}, processor time", found, 1.5)


def _append(access: DatabaseAccess) -> list[float]:
    salt, times = secrets.token_hex(4), []
    with closing(psycopg2.connect(access.owner_url)) as connection:
        for stream in range(_BATCHES):
            events = [new_event(stream, version, salt) for version in range(1, _BATCH + 1)]
            used = cpu.of_session(connection)
            event_store.append(connection, events, now())
            times.append((cpu.of_session(connection) - used) / _BATCH * 1e6)
        connection.rollback()
    return times[_BATCHES // 10 :]
