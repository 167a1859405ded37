"""What the spool promised survives power cuts, full disks and killed processes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_disk import watched

from miriam_contracts.canonical import canonical
from miriam_emitter import Emitter, Settings, SpoolFull, SpoolInUse
from miriam_emitter.reader import Reader
from miriam_emitter.receipts import Receipt

Event = Callable[..., dict[str, Any]]
Kept = Callable[..., Receipt]


def test_after_a_power_cut_at_any_moment_the_spool_holds_all_that_was_promised(
    settings: Settings, enrolment: Event, kept: Kept, tmp_path: Path
) -> None:
    """Each call puts or settles 20 entries: none is lost or halved, whatever came through of what was not synced."""
    with watched(settings.spool.parent) as disk:
        with Emitter(settings) as emitter:
            # A checkpoint every few calls: their writes are the ones that could hurt.
            emitter.spool._database.execute("pragma wal_autocheckpoint = 40")
            for call in range(12):
                emitter.put([{**enrolment(call, text="sealed"), "id": f"{call}.{n}"} for n in range(20)])
                disk.mark(("put", call))
                if call % 2:
                    emitter.spool.settle([kept(f"{call - 1}.{n}") for n in range(20)])
                    disk.mark(("settled", call - 1))
            end = len(disk.log)
        first = next(place for place, (name, _) in enumerate(disk.log) if not name)
    chance = random.Random(20231002)
    for number in range(120):
        moment = chance.randrange(first + 1, end + 1)
        place = tmp_path / f"after-{number}"
        disk.after_power_cut(moment, chance, place)
        shutil.copy(settings.spool.with_name("anderlecht.spool.key"), place)
        with Emitter(replace(settings, spool=place / settings.spool.name)) as found:
            ids = [entry.id for entry in found.spool.waiting(0, 1000)]
            calls = [int(id_.split(".")[0]) for id_ in ids]
            answered = [f"{call}.{n}" for call in range(12) for n in range(20) if call not in calls]
            for what, call in disk.marks(moment):
                if what == "settled":
                    assert len([r for r in found.spool.answers(answered) if r.id.startswith(f"{call}.")]) == 20
                elif call in calls:
                    assert calls.count(call) == 20
                else:
                    assert len([r for r in found.spool.answers(answered) if r.id.startswith(f"{call}.")]) == 20
            assert {calls.count(call) for call in calls} <= {20}
        shutil.rmtree(place)


def test_a_full_disk_is_said_loses_nothing_and_is_forgotten_once_there_is_room(
    settings: Settings, enrolment: Event, kept: Kept
) -> None:
    with watched(settings.spool.parent) as disk, Emitter(settings) as emitter:
        emitter.put([enrolment(n) for n in range(50)])
        disk.full = True
        with pytest.raises(SpoolFull, match="no room left") as caught:
            emitter.put([enrolment(n) for n in range(50, 1000)])
        assert "free disk space" in caught.value.next_step
        with pytest.raises(SpoolFull):
            emitter.spool.settle([kept(f"e-{n}") for n in range(50)])
        assert emitter.spool.count_waiting() == 50
        assert list(emitter.spool.answers(["e-1"])) == []
        disk.full = False
        emitter.spool.settle([kept(f"e-{n}") for n in range(50)])
        emitter.put([enrolment(n) for n in range(50, 1000)])
        assert emitter.spool.count_waiting() == 950


def test_a_spool_on_a_full_disk_can_still_be_opened_and_sent_from(settings: Settings, enrolment: Event) -> None:
    with Emitter(settings) as emitter:
        emitter.put([enrolment(n) for n in range(50)])
    with watched(settings.spool.parent) as disk:
        disk.full = True
        with Emitter(settings) as emitter:
            assert emitter.spool.count_waiting() == 50
            with pytest.raises(SpoolFull):
                emitter.put([enrolment(n) for n in range(50, 100)])
    with Emitter(settings) as emitter:
        assert emitter.spool.count_waiting() == 50


def test_the_limit_is_for_what_is_put_and_not_for_its_receipts(
    settings: Settings, enrolment: Event, kept: Kept
) -> None:
    with Emitter(replace(settings, spool_limit=300_000)) as emitter:
        number = 0
        with suppress(SpoolFull):
            for number in range(1000):
                emitter.put(enrolment(number))
        assert 50 < number < 900
        emitter.spool.settle([kept(f"e-{n}") for n in range(number)])
        assert emitter.spool.count_waiting() == 0


def test_a_process_killed_while_it_settles_keeps_whole_calls_and_loses_none(
    settings: Settings, enrolment: Event, answer: Callable[..., dict[str, Any]]
) -> None:
    script = (
        "import json, sys, time\n"
        "from pathlib import Path\n"
        "from miriam_contracts.canonical import canonical\n"
        "from miriam_emitter.spool import Spool\n"
        "from miriam_emitter.receipts import Receipt\n"
        "spool, receipt = Spool(Path(sys.argv[1]), '/cpas/anderlecht'), json.loads(sys.argv[2])\n"
        "for call in range(int(sys.argv[3]), 400):\n"
        "    ids = [f'{call}.{n}' for n in range(20)]\n"
        "    spool.settle([Receipt(id_, 'recorded', 'intake', canonical({**receipt, 'id': id_})) for id_ in ids])\n"
        "    print(call, flush=True)\n"
        "    time.sleep(0.001)\n"  # so that a quick machine does not settle all of them before it is killed
        "time.sleep(60)\n"
    )
    with Emitter(settings) as emitter:
        event = enrolment(1)
        emitter.put([{**event, "id": f"{call}.{n}"} for call in range(400) for n in range(20)])
    said = -1
    for round_ in range(4):
        arguments = [str(settings.spool), canonical(answer("e-1")).decode(), str(said + 1)]
        child = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE)
        assert child.stdout is not None
        said = int(child.stdout.readline())
        time.sleep(0.02 + 0.02 * round_)
        child.send_signal(signal.SIGKILL)
        said = int((child.stdout.read().split() or [str(said).encode()])[-1])
        child.wait()
        with Emitter(settings) as emitter:
            waits = {entry.id for entry in emitter.spool.waiting(0, 100_000)}
            kept = {receipt.id for receipt in emitter.spool.answers(f"{c}.{n}" for c in range(400) for n in range(20))}
        assert waits.isdisjoint(kept)
        assert len(waits) + len(kept) == 8000
        assert len(kept) % 20 == 0
        assert all(f"{call}.{n}" in kept for call in range(said + 1) for n in range(20))


def test_whoever_is_locked_out_is_told_by_whom_and_what_to_do(emitter: Emitter, settings: Settings) -> None:
    with pytest.raises(SpoolInUse) as caught:
        Emitter(settings)
    assert f"another process, {os.getpid()} on " in str(caught.value)
    assert "let that process emit, or stop it" in caught.value.next_step
    emitter.put([])
    with pytest.raises(SpoolInUse):  # asking who holds it has not let go of it
        Emitter(settings)


def test_a_spool_of_an_earlier_version_is_brought_up_to_date(settings: Settings, enrolment: Event, kept: Kept) -> None:
    with Emitter(settings) as emitter:
        emitter.put([enrolment(n) for n in range(3)])
        emitter.spool.settle([kept("e-2"), kept("e-1")])
    with sqlite3.connect(settings.spool) as database:
        database.executescript(
            "drop index receipt_number; drop index entry_parked; alter table receipt drop column number;"
            "update receipt set received_at = '2020' where id = 'e-2';"
            "update about set value = '1' where name = 'version';"
        )
    with pytest.raises(Exception, match="is of version 1"):
        Reader(settings.spool)
    with Emitter(settings) as emitter, Reader(settings.spool) as reader:
        assert [receipt.id for receipt in reader.latest(None, 10)] == ["e-1", "e-2"]
        emitter.spool.settle([kept("e-0")])
        assert [receipt.id for receipt in reader.latest(None, 10)] == ["e-0", "e-1", "e-2"]
