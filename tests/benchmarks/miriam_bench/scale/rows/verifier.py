"""The verifier on a whole bundle of 100,000 events: one process of plain Python, its seconds and its peak of memory.

The bundle is made by `miriam audit bundle` of the ledger nearest to that size, whose head is signed and cosigned here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection

import miriam_verify
from miriam_bench.model import Bar, Row
from miriam_bench.scale.bench import Bench, short
from miriam_bench.workload import EDITION
from miriam_reporting.audit.bundle import Asked, Scope, make
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey, write_public

EVENTS = 100_000


def run(bench: Bench) -> Iterator[Row]:
    """Two rows: seconds and memory."""
    size = bench.near(EVENTS)
    seconds, memory, processor = [], [], []
    with tempfile.TemporaryDirectory(prefix="miriam-bench-bundle-") as folder:
        bundle, keys = Path(folder) / "bundle.zip", Path(folder) / "AUTHORITY.pub"
        began = time.perf_counter()
        with (
            closing(psycopg2.connect(bench.kept.postgres.url, dbname=bench.ledgers[size].name)) as owner,
            closing(psycopg2.connect(bench.ledgers[size].app_url)) as connection,
        ):
            _make(owner, connection, bundle, keys)
        bench.tell(
            f"bundle of {short(size)} made in {time.perf_counter() - began:.1f} s, {bundle.stat().st_size:,} bytes"
        )
        for _ in range(bench.rounds):
            spent, peak, used = _verify(bundle, keys)
            processor.append(used)
            seconds.append(spent)
            memory.append(peak)
            bench.tell(f"verified in {spent:.1f} s, {used:.1f} s of processor, {peak:.0f} MiB")
    yield Row(
        f"verifier, a bundle of {short(size)} events", "s", "lower", Bar(10.0), seconds,
        others={"of processor": processor}, limits="plain Python, one process",
    )  # fmt: skip
    yield Row(f"verifier, a bundle of {short(size)} events: memory", "MiB", "lower", Bar(512), memory, limits="")


def _make(owner: Connection, connection: Connection, bundle: Path, public: Path) -> None:
    log = SigningKey.make("miriam.example/ledger", notes.LOG)
    authority = SigningKey.make("authority.example/witness", notes.COSIGNATURE)
    write_public([authority.verifier, log.verifier], public)
    with owner.cursor() as cursor:
        # The keys are of this run: what another run signed, nobody could verify.
        cursor.execute("set session_replication_role = replica")
        cursor.execute("delete from ledger.cosignature")
        cursor.execute("delete from ledger.checkpoint")
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
        assert row is not None
        size = int(row[0])
        root = root_at(owner, size)
        text = notes.Checkpoint("miriam.example/ledger", size, root).text()
        note = notes.Note(text, (notes.sign(text, log),))
        cursor.execute("insert into ledger.checkpoint (size, root, note) values (%s, %s, %s)", (size, root, str(note)))
        checkpoints.add_cosignature(owner, size, notes.cosign(text, authority, int(time.time())))
    owner.commit()
    make(connection, Asked(EDITION, Scope("ledger"), None, bundle, log, Trust([log.verifier], authority.verifier)))


def _verify(bundle: Path, keys: Path) -> tuple[float, float, float]:
    """Seconds, the most memory that the process held in MiB, and seconds of processor.

    Raises RuntimeError where it finds an untruth.
    """
    command = [sys.executable, miriam_verify.__file__, "--key", str(keys), str(bundle)]
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")
    _, status, used = os.wait4(child.pid, 0)
    spent = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        told = child.stderr.read().decode(errors="replace") if child.stderr else ""
        raise RuntimeError(f"the verifier ended with {child.returncode}: {told[-500:]}")
    return spent, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
