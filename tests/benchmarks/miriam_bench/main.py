"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence

from miriam_bench import machine, show
from miriam_bench.context import Context
from miriam_bench.model import Row
from miriam_bench.servers import servers

# In the order of the table; each is a module of `rows`.
ROWS = ("append", "inbox", "relay", "ledger", "rebuild", "latency", "report")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Exit code 0: measured, whether or not every bar was met; 1: a row could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"rows to measure: {', '.join(ROWS)} (all)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; medians are shown (3)")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the size that the bars speak of; 0.1 is quick")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.rows) - set(ROWS)):
        parser.error(f"no such row: {', '.join(unknown)}")
    wanted = [name for name in ROWS if not given.rows or name in given.rows]
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"  {time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    found: list[Row] = []
    failed: dict[str, str] = {}
    with servers() as running:
        context = Context(running, given.rounds, given.scale, tell)
        for name in wanted:
            tell(f"· {name}")
            try:
                found += importlib.import_module(f"miriam_bench.rows.{name}").run(context)
            except Exception as error:
                # One row that cannot be measured must not cost the others; it is told, and the exit code says so.
                failed[name] = f"{type(error).__name__}: {error}"
                tell(f"{name}: {failed[name]}")
        told = machine.describe(running.postgres, running.rabbitmq)
    told |= {"rounds": given.rounds, "scale": given.scale, "seconds": round(time.monotonic() - began)}
    if given.json:
        print(json.dumps({"machine": told, "rows": [row.as_json() for row in found], "failed": failed}, indent=2))
    else:
        show.table(told, found, failed)
    return 1 if failed else 0
