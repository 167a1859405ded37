"""The command line of `make bench-scale`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from miriam_bench.scale.kept import Kept
from miriam_bench.scale.loading import load

SIZES = (100_000, 1_000_000, 10_000_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Load what is missing and measure. Exit code 1: something could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("step", choices=("load", "serve", "stop"))
    parser.add_argument("--folder", type=Path, default=Path(".miriam-bench"), help="where ledgers are kept")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    given = parser.parse_args(arguments)
    kept = Kept.at(given.folder.resolve())
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"  {time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    if given.step == "serve":
        if not kept.runs:
            kept.postgres.start(timeout=120)
        print(kept.postgres.url)
        return 0
    if given.step == "stop":
        kept.stop()
        return 0
    with kept.running():
        for size in map(int, given.sizes.split(",")):
            tell(f"· {size:,}")
            load(kept.database(size), size, tell)
    return 0
