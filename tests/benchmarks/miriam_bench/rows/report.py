"""The report of an edition of real size, every level, as of a position in its middle, and as of the head."""

from __future__ import annotations

import time

import psycopg2

from miriam_bench.context import Context
from miriam_bench.model import Bar, Row
from miriam_bench.workload import EDITION
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting
from miriam_reporting.reports import LEVELS, compute
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
        with psycopg2.connect(access.app_url) as connection:
            for _ in range(context.rounds):
                for name, position in (("as-of", head * 2 // 3), ("current", None)):
                    start = time.perf_counter()
                    compute(connection, EDITION, position, LEVELS)
                    measured[name].append(time.perf_counter() - start)
                    context.tell(f"{name}: {measured[name][-1]:.2f} s")
    limits = "facts of the edition laid out in temporary tables, then one query an indicator, on one core"
    return [
        Row(
            f"report of an edition, {name}", "s", "lower", Bar(0.5), values, limits=limits,
            notes=f"{head:,} events, every indicator at every level" if name == "as-of" else "",
        )
        for name, values in measured.items()
    ]  # fmt: skip
