"""Rebuild of all facts from a ledger of a million events, indexes included; comparing and swapping are told apart."""

from __future__ import annotations

import time
from itertools import islice

import psycopg2

from miriam_bench.context import Context
from miriam_bench.model import Bar, Row
from miriam_bench.servers import Asking
from miriam_bench.workload import EDITION
from miriam_local.databases import DatabaseAccess
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting
from miriam_simulator.recorded import leaves
from miriam_simulator.scenarios import scenario

EVENTS = 1_000_000
_OF_AN_EDITION = 77_000


def run(context: Context) -> list[Row]:
    """The row."""
    count = context.size(EVENTS, 20_000)
    with context.servers.database("rebuild") as access:
        migrate_reporting(access.owner_url, access.app_role)
        with psycopg2.connect(access.owner_url) as connection:
            began = time.monotonic()
            played = scenario(EDITION, scale=count / _OF_AN_EDITION * 1.05)
            head = load_leaves(connection, islice(leaves(played), count))
            connection.commit()
            context.tell(f"{head:,} leaves made and loaded in {time.monotonic() - began:.0f} s")
        with Asking(access.owner_url) as asking:
            asking.do("vacuum (analyze) ledger.leaf")
        filled, whole = [], []
        for number in range(context.rounds):
            context.servers.checkpoint()
            start, ends = time.perf_counter(), _timed(access)
            filled.append(head / (ends["indexed"] - start))
            whole.append(head / (ends["swapped"] - start))
            context.tell(f"round {number + 1}/{context.rounds}, ours: {filled[-1]:,.0f}")
    return [
        Row(
            "rebuild of all facts", "events/s", "higher", Bar(100_000), filled,
            others={"with comparing and swapping": whole}, limits="two cores: reading jsonb, building indexes",
            notes=f"a ledger of {head:,} events; indexes built, closed and retracted included",
        )
    ]  # fmt: skip


def _timed(access: DatabaseAccess) -> dict[str, float]:
    """Rebuild; when each step came to its end."""
    ends: dict[str, float] = {}

    def tell(step: str, _done: int, _of: int) -> None:
        ends[step] = time.perf_counter()

    rebuild(access.owner_url, access.app_role, tell=tell)
    return ends
