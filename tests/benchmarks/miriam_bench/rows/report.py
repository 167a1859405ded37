"""The report of an edition of real size, every level, as text: as of a position in its middle, and as of the head.

What is current is kept until something changes: `computed` is what the first to ask waits.
"""

from __future__ import annotations

import time

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_bench.context import Context
from miriam_bench.model import Bar, Row
from miriam_bench.workload import EDITION
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting
from miriam_reporting.reports import LEVELS
from miriam_reporting.reports.current import report
from miriam_simulator.recorded import leaves
from miriam_simulator.scenarios import scenario


def run(context: Context) -> list[Row]:
    """Two rows."""
    with context.servers.database("report") as access:
        migrate_reporting(access.owner_url, access.app_role)
        with psycopg2.connect(access.owner_url) as connection:
            head = load_leaves(connection, leaves(scenario(EDITION)))
            connection.commit()
        rebuild(access.owner_url, access.app_role)
        context.servers.checkpoint()
        measured: dict[str, list[float]] = {"as-of": [], "current": []}
        computed: list[float] = []
        with psycopg2.connect(access.app_url) as connection:
            computed.append(_timed(connection, None))
            for _ in range(context.rounds):
                for name, position in (("as-of", head * 2 // 3), ("current", None)):
                    measured[name].append(_timed(connection, position))
                    context.tell(f"{name}: {measured[name][-1]:.3f} s")
    limits = "facts of the edition laid out in temporary tables, then one query an indicator, by two sessions"
    return [
        Row(
            f"report of an edition, {name}", "s", "lower", Bar(0.5), values, limits=limits,
            others={"computed": computed} if name == "current" else {},
            notes=f"{head:,} events, every indicator at every level" if name == "as-of" else "",
        )
        for name, values in measured.items()
    ]  # fmt: skip


def _timed(connection: Connection, as_of: int | None) -> float:
    began = time.perf_counter()
    report(connection, EDITION, as_of, LEVELS).as_bytes()
    return time.perf_counter() - began
