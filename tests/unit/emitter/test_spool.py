"""What is put into the spool is there for good, once, and in order."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from miriam_emitter import (
    Emitter,
    IdReused,
    Put,
    Settings,
    SpoolDamaged,
    SpoolError,
    SpoolFull,
    SpoolInUse,
)
from miriam_emitter.reader import Reader
from miriam_emitter.receipts import Receipt

Event = Callable[..., dict[str, Any]]
Kept = Callable[..., Receipt]


def waiting(emitter: Emitter) -> list[str]:
    return [entry.id for entry in emitter.spool.waiting(0, 100_000)]


def test_what_was_put_is_there_after_a_restart_in_the_order_of_emission(settings: Settings, enrolment: Event) -> None:
    with Emitter(settings) as first:
        first.put([enrolment(n) for n in (3, 1, 2)])
        sent = [entry.body for entry in first.spool.waiting(0, 10)]
    with Emitter(settings) as second:
        assert waiting(second) == ["e-3", "e-1", "e-2"]
        assert [entry.body for entry in second.spool.waiting(0, 10)] == sent


def test_the_same_event_put_twice_is_one_entry_also_when_its_block_was_sealed_anew(
    emitter: Emitter, enrolment: Event
) -> None:
    event = enrolment(1, first_name="Marie")
    assert emitter.put([event, event]) == [Put.ADDED, Put.KNOWN]
    assert emitter.put(event) == [Put.KNOWN]
    assert emitter.put({**event, "traceparent": "00-1-2-01"}) == [Put.KNOWN]
    assert waiting(emitter) == ["e-1"]


@pytest.mark.parametrize("change", [{"children": 3}, {"personal": {"first_name": "Anna"}}])
def test_an_id_with_another_content_is_refused_and_nothing_of_its_call_is_kept(
    emitter: Emitter, enrolment: Event, change: dict[str, Any]
) -> None:
    event = enrolment(1, first_name="Marie")
    emitter.put(event)
    other = {**event, "data": {**event["data"], **change}}
    with pytest.raises(IdReused, match="e-1") as caught:
        emitter.put([enrolment(2), other])
    assert caught.value.index == 1
    assert waiting(emitter) == ["e-1"]


def test_an_entry_is_done_at_its_receipt_and_a_recorded_one_stays_recorded(
    emitter: Emitter, enrolment: Event, kept: Kept
) -> None:
    emitter.put([enrolment(1), enrolment(2)])
    emitter.spool.settle([kept("e-1")])
    assert waiting(emitter) == ["e-2"]
    emitter.spool.settle([kept("e-1", "duplicate"), kept("e-1", "refused")])
    assert [receipt.outcome for receipt in emitter.spool.answers(["e-1", "e-2"])] == ["recorded"]
    assert emitter.put(enrolment(1)) == [Put.KNOWN]


def test_a_receipt_for_an_event_of_another_spool_is_kept_apart(emitter: Emitter, kept: Kept) -> None:
    emitter.spool.settle([kept("e-9"), kept("e-9")])
    assert list(emitter.spool.answers(["e-9"])) == []
    with sqlite3.connect(emitter.settings.spool) as database:
        assert database.execute("select id, outcome from stray_receipt").fetchall() == [("e-9", "recorded")]


def test_a_second_process_is_told_that_the_spool_is_in_use(emitter: Emitter, settings: Settings) -> None:
    script = (
        "import sys; from pathlib import Path; from miriam_emitter import SpoolInUse; from miriam_emitter.spool"
        " import Spool\n"
        "try: Spool(Path(sys.argv[1]), '/cpas/anderlecht')\n"
        "except SpoolInUse as problem: print(problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, settings.spool], capture_output=True, text=True, check=True)
    assert "held by another process" in done.stdout
    with pytest.raises(SpoolInUse):
        Emitter(settings)
    with Reader(settings.spool) as reader:
        assert reader.waiting() == 0


def test_a_spool_serves_one_emitter(emitter: Emitter, settings: Settings) -> None:
    emitter.close()
    with pytest.raises(SpoolError, match="belongs to /cpas/anderlecht"):
        Emitter(replace(settings, id="seraing"))


def test_a_full_spool_says_so_keeps_what_it_has_and_goes_on_when_there_is_room(
    settings: Settings, enrolment: Event
) -> None:
    with Emitter(replace(settings, spool_limit=200_000)) as small:
        small.put(enrolment(0))
        with pytest.raises(SpoolFull, match="no room"):
            small.put([enrolment(n) for n in range(1, 2000)])
        assert waiting(small) == ["e-0"]
        small.put(enrolment(1))
    with Emitter(settings) as emitter:
        assert emitter.put([enrolment(n) for n in range(1, 2000)]).count(Put.ADDED) == 1998


def test_a_file_that_is_no_spool_is_named(settings: Settings) -> None:
    settings.spool.write_bytes(b"something else entirely" * 1000)
    with pytest.raises(SpoolDamaged, match=r"anderlecht\.spool"):
        Emitter(settings)


def test_a_damaged_spool_is_noticed_when_it_is_opened(settings: Settings, enrolment: Event) -> None:
    with Emitter(settings) as emitter:
        emitter.put([enrolment(n) for n in range(2000)])
    with settings.spool.open("r+b") as file:
        file.seek(40_000)
        file.write(os.urandom(20_000))
    with pytest.raises(SpoolDamaged, match="services know again"):
        Emitter(settings)


def test_a_spool_without_its_secret_is_not_used(settings: Settings, enrolment: Event) -> None:
    with Emitter(settings) as emitter:
        emitter.put(enrolment(1))
    settings.spool.with_name("anderlecht.spool.key").unlink()
    with pytest.raises(SpoolDamaged, match=r"spool\.key"):
        Emitter(settings)


def test_nobody_else_on_the_machine_may_read_the_spool(emitter: Emitter, enrolment: Event) -> None:
    emitter.put(enrolment(1))
    for ending in ("", "-wal", "-shm", ".key"):
        path = emitter.settings.spool.with_name("anderlecht.spool" + ending)
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_process_killed_while_it_puts_leaves_whole_calls_and_loses_none(settings: Settings, enrolment: Event) -> None:
    """Each call puts 50 events, then says so: killed anywhere, the spool has every call that was said, and no half."""
    script = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from miriam_emitter import Emitter, Settings\n"
        "keys, spool, event = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])\n"
        "emitter = Emitter(Settings('anderlecht', 'cpas', 'amqp://a:b@127.0.0.1:1/x', keys, spool))\n"
        "for call in range(int(sys.argv[4]), 10**9):\n"
        "    emitter.put([{**event, 'id': f'{call}.{n}'} for n in range(50)])\n"
        "    print(call, flush=True)\n"
    )
    said = -1
    for round_ in range(4):
        event = json.dumps(enrolment(1, text="sealed"))
        arguments = [str(settings.keys_dir), str(settings.spool), event, str(said + 100)]
        child = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE)
        assert child.stdout is not None
        said = int(child.stdout.readline())
        time.sleep(0.05 + 0.02 * round_)
        child.send_signal(signal.SIGKILL)
        said = int((child.stdout.read().split() or [str(said).encode()])[-1])
        child.wait()
        with Emitter(settings) as emitter:
            calls = [int(id_.split(".")[0]) for id_ in waiting(emitter)]
            assert said in calls
            assert {calls.count(call) for call in calls} == {50}
            assert calls == sorted(calls)


def test_a_call_is_one_transaction_however_many_events_it_brings(emitter: Emitter, enrolment: Event) -> None:
    """What a call costs is one sync of the disk: that is what makes spooling quick."""
    said: list[str] = []
    emitter.spool._database.set_trace_callback(said.append)
    emitter.put([enrolment(n) for n in range(5000)])
    emitter.spool._database.set_trace_callback(None)
    assert sum(each.lower().startswith("commit") for each in said) == 1
