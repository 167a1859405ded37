"""The command line of `make bench-scale`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg2

from miriam_bench import machine, show
from miriam_bench.model import Row
from miriam_bench.scale.bench import REAL, Bench, short
from miriam_bench.scale.kept import Kept
from miriam_bench.scale.loading import load
from miriam_bench.scale.stores import store

SIZES = (100_000, 1_000_000, 10_000_000)
# In the order of the table; each is a module of `rows`.
ROWS = ("reports", "proofs", "verifier", "growth", "recording", "pages")


def main(arguments: Sequence[str] | None = None) -> int:
    """Load what is missing and measure. Exit code 0: measured, bars met or not; 1: a row could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"rows to measure: {', '.join(ROWS)} (all)")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="events of each ledger, by commas")
    parser.add_argument(
        "--events", type=int, help="the size of the largest ledger; larger ones of --sizes are left out"
    )
    parser.add_argument("--folder", type=Path, default=Path(".miriam-bench"), help="where the ledgers are kept")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--load", action="store_true", help="load what is missing, and measure nothing")
    parser.add_argument("--clean", action="store_true", help="remove the ledgers and the server, and do nothing else")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.rows) - set(ROWS)):
        parser.error(f"no such row: {', '.join(unknown)}")
    kept = Kept.at(given.folder.resolve())
    if given.clean:
        kept.clean()
        return 0
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"  {time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    sizes = {int(size) for size in given.sizes.split(",")}
    if given.events:
        sizes = {size for size in sizes if size < given.events} | {given.events}
    found: list[Row] = []
    failed: dict[str, str] = {}
    with kept.running():
        ledgers = {}
        for size in sorted({REAL, *sizes}):
            tell(f"· ledger of {short(size)}")
            ledgers[size] = kept.database(size)
            load(ledgers[size], size, tell)
        if given.load:
            for size in sorted(sizes):
                store(kept, size, tell)
            return 0
        bench = Bench(kept, ledgers, given.rounds, tell)
        for name in (name for name in ROWS if not given.rows or name in given.rows):
            tell(f"· {name}")
            try:
                _settle(kept)
                found += importlib.import_module(f"miriam_bench.scale.rows.{name}").run(bench)
            except Exception as error:
                # One row that cannot be measured must not cost the others; it is told, and the exit code says so.
                failed[name] = f"{type(error).__name__}: {error}"
                tell(f"{name}: {failed[name]}")
        told = machine.describe(kept.postgres)
    told |= {"rounds": given.rounds, "scale": 1.0, "seconds": round(time.monotonic() - began)}
    if given.json:
        print(json.dumps({"machine": told, "rows": [row.as_json() for row in found], "failed": failed}, indent=2))
    else:
        show.table(told, found, failed)
    return 1 if failed else 0


def _settle(kept: Kept) -> None:
    """Write what is dirty, so that no measurement pays for the one before it."""
    with closing(psycopg2.connect(kept.postgres.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("checkpoint")
