"""Inclusion and consistency proofs at each size, over tiles that are written as the ledger grows.

Beside them, in the same run, what a log without a tree would do: hash all leaves anew, here of 100,000 at most. The
clock runs from the question to the proof; each proof is then checked against the root, outside the clock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_bench.model import Bar, Row
from miriam_bench.scale.bench import Bench, percentile, short
from miriam_reporting.ledger.tiles import extend
from miriam_reporting.ledger.tree import consistency, inclusion, leaf_hashes, root_at
from miriam_transparency import merkle

_SAMPLE = 500
_PLAIN = 100_000
_HASH = 32


def run(bench: Bench) -> Iterator[Row]:
    """Two rows, each with every size beside the largest."""
    found: dict[str, dict[int, list[float]]] = {"inclusion": {}, "consistency": {}}
    for size, access in bench.growing.items():
        with closing(psycopg2.connect(access.owner_url)) as connection:
            written = extend(connection, size)
            if written:
                bench.tell(f"{written:,} tiles written for {short(size)}")
        with closing(psycopg2.connect(access.app_url)) as connection:
            connection.autocommit = True
            found["inclusion"][size], found["consistency"][size] = _measure(connection, size)
        for name, values in found.items():
            told = f"p50 {percentile(values[size], 50):.2f} ms, p99 {percentile(values[size], 99):.2f} ms"
            bench.tell(f"{name} at {short(size)}: {told}")
    smallest = min(bench.growing)
    plain = _plain(bench, smallest)
    for name, values in found.items():
        others = {f"p50 at {short(size)}": [percentile(times, 50)] for size, times in values.items()}
        others |= {f"p99 at {short(size)}": [percentile(times, 99)] for size, times in values.items()}
        growth = percentile(values[bench.largest], 50) / percentile(values[smallest], 50)
        yield Row(
            f"{name} proof at {short(bench.largest)} leaves, p99", "ms", "lower", Bar(5.0),
            [percentile(values[bench.largest], 99)], others=others,
            peers={f"all of {short(min(smallest, _PLAIN))} leaves hashed anew": [plain]},
            limits="one round trip; up to 255 rows where a tile is not complete",
            notes=f"the median grew {growth:.2f} times from {short(smallest)} to {short(bench.largest)}; "
            "the peer works on the smallest ledger, ours on the largest",
        )  # fmt: skip


def _measure(connection: Connection, size: int) -> tuple[list[float], list[float]]:
    chance = random.Random(size)
    root = root_at(connection, size)
    inclusions, consistencies = [], []
    for _ in range(_SAMPLE):
        position = chance.randint(1, size)
        began = time.perf_counter()
        proof = inclusion(connection, position, size)
        inclusions.append((time.perf_counter() - began) * 1000)
        leaf = leaf_hashes(connection, position, position)
        merkle.verify_inclusion(leaf, position - 1, size, proof, root)
        old = chance.randint(1, size)
        began = time.perf_counter()
        proof = consistency(connection, old, size)
        consistencies.append((time.perf_counter() - began) * 1000)
        merkle.verify_consistency(old, root_at(connection, old), size, root, proof)
    return inclusions, consistencies


def _plain(bench: Bench, size: int) -> float:
    """Milliseconds to make the root of all leaves in plain Python, their hashes being at hand."""
    with closing(psycopg2.connect(bench.ledgers[size].app_url)) as connection:
        joined = leaf_hashes(connection, 1, min(size, _PLAIN))
    hashes = [joined[at : at + _HASH] for at in range(0, len(joined), _HASH)]
    began = time.perf_counter()
    merkle.root(hashes)
    return (time.perf_counter() - began) * 1000
