"""A full disk, a platform that is away for days and a clock that jumps cost time, over AMQP and over HTTP alike."""

from __future__ import annotations

import ast
import datetime as dt
import random
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlite_disk import Disk, watched

import miriam_emitter
from miriam_emitter import Emitter, Settings, SpoolFull, Unreachable, spool
from miriam_emitter.reader import Reader
from miriam_emitter.transport import pause_before

Events = Callable[..., list[dict[str, Any]]]
Door = Any


class Sending:
    """An emitter at work in a thread; what it last said of itself."""

    def __init__(self, emitter: Emitter, **options: Any) -> None:
        self.last: Any = None
        self.ends: list[Any] = []
        self.thread = threading.Thread(target=self._run, args=(emitter, options))
        self.thread.start()

    def _run(self, emitter: Emitter, options: Any) -> None:
        try:
            self.ends.append(emitter.run(progress=self._hear, **options))
        except Exception as problem:
            self.ends.append(problem)

    def _hear(self, progress: Any) -> None:
        self.last = progress

    def until(self, true: Callable[[Any], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while self.last is None or not true(self.last):
            assert time.monotonic() < deadline, self.last
            assert not self.ends, self.ends
            time.sleep(0.02)

    def end(self) -> Any:
        self.thread.join(40)
        assert self.ends, "the run did not end"
        return self.ends[0]


@pytest.fixture(params=["amqp", "http"])
def full_at_the_first_answer(request: pytest.FixtureRequest, tmp_path: Path, keys: Any) -> Any:
    """An emitter whose disk is full from the moment when its first event arrives, over either."""
    with watched(tmp_path) as disk:
        if request.param == "http":
            door = request.getfixturevalue("door")

            def outcome(_: Any, before: int) -> str:
                fill(disk)
                return "duplicate" if before else "recorded"

            door.outcome = outcome
            yield request.getfixturevalue("over_http")(), disk, lambda: len(door.arrived)
        else:
            emitter = request.getfixturevalue("new_emitter")()

            def answer(_: Any, before: int) -> str:
                fill(disk)
                return "duplicate" if before else "recorded"

            service = request.getfixturevalue("serve")(answer=answer)
            yield emitter, disk, lambda: len(service.arrived)


def fill(disk: Disk) -> None:
    """No more room, once and for the first time only."""
    if not any(what == "filled" for what in disk.marks(len(disk.log))):
        disk.mark("filled")
        disk.full = True


def test_a_disk_that_fills_while_receipts_are_kept_holds_everything_up_and_loses_nothing(
    full_at_the_first_answer: Any, sessions: Events
) -> None:
    emitter, disk, arrived = full_at_the_first_answer
    emitter.put(sessions(600, subjects=20))
    sending = Sending(emitter)
    sending.until(lambda progress: "no room left" in str(progress.troubles))
    time.sleep(1)  # what was on its way arrives
    sent = arrived()
    time.sleep(1.5)
    assert arrived() == sent, "what is sent now could not be answered for"
    assert emitter.spool.count_waiting() == 600
    disk.full = False
    end = sending.end()
    assert (end.total.recorded, end.total.duplicate, end.waiting) == (600, 0, 0)
    assert len(list(emitter.spool.answers(f"s-{n}" for n in range(600)))) == 600


def test_a_disk_that_stays_full_ends_the_patience_with_the_reason(
    full_at_the_first_answer: Any, sessions: Events
) -> None:
    emitter, disk, _ = full_at_the_first_answer
    emitter.put(sessions(60, subjects=20))
    with pytest.raises(SpoolFull, match="no room left") as caught:
        emitter.run(patience=2)
    assert "free disk space" in caught.value.next_step
    disk.full = False
    end = emitter.run(patience=20)
    assert end.waiting == 0


@pytest.mark.parametrize("over", ["amqp", "http"])
def test_while_the_platform_is_away_an_emitter_costs_next_to_nothing(
    over: str, keys: Any, tmp_path: Path, sessions: Events
) -> None:
    nobody = Settings(
        "anderlecht", "cpas", "amqp://a:b@127.0.0.1:1/x", keys.folder, tmp_path / "away.spool",
        over=over, http_url="http://127.0.0.1:1", http_token="t",
    )  # fmt: skip
    with Emitter(nobody) as emitter:
        emitter.put(sessions(30_000, subjects=30_000))
        begun = time.process_time()
        with pytest.raises(Unreachable):
            emitter.run(patience=5, progress=lambda _: None)
        assert time.process_time() - begun < 0.5, "a tenth of one processor, starting and ending included"
        tracemalloc.start()
        with pytest.raises(Unreachable):
            emitter.run(patience=2, progress=lambda _: None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8_000_000, "of thirty thousand events a few thousand are held"


def test_pauses_grow_to_the_longest_and_no_further_however_long_it_lasts() -> None:
    pauses = [pause_before(attempt, 0.5, 60.0) for attempt in range(100_000)]
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert set(pauses[10:]) == {60.0}


class Leaping(dt.datetime):
    """A wall clock that is set by up to two years, in either direction, whenever somebody looks."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return dt.datetime(2026, 1, 1, tzinfo=tz) + dt.timedelta(days=random.randrange(-730, 730))


@pytest.mark.parametrize("over", ["amqp", "http"])
def test_a_clock_that_jumps_by_years_changes_nothing(
    over: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, sessions: Events
) -> None:
    emitter: Emitter
    if over == "http":
        door = request.getfixturevalue("door")
        busy: list[float] = []

        def post(asked: Any, _: Any) -> Any:
            receipts = [] if not busy else [door.settle(event) for event in asked.events]
            busy.append(time.monotonic())
            return SimpleNamespace(
                status=200 if receipts else 503, content={"receipts": receipts}, cut=False, hang=0.0,
                headers={} if receipts else {"Retry-After": "1"},
            )  # fmt: skip

        door.post = post
        emitter = request.getfixturevalue("over_http")()
    else:
        emitter = request.getfixturevalue("new_emitter")(timeout=0.5)
        request.getfixturevalue("serve")(answer=lambda event, before: "recorded" if before else None)
    monkeypatch.setattr(time, "time", lambda: Leaping.now(dt.UTC).timestamp())
    monkeypatch.setattr(spool, "dt", SimpleNamespace(datetime=Leaping, UTC=dt.UTC))
    emitter.put(sessions(4, subjects=2))
    begun = time.monotonic()
    end = emitter.run(patience=10)
    assert (end.total.recorded, end.waiting) == (4, 0)
    assert 0.9 < time.monotonic() - begun < 9
    with Reader(emitter.settings.spool) as reader:
        order = [receipt.id for receipt in reader.latest(None, 10)]
    assert sorted(order[:2]) == ["s-2", "s-3"], "the latest receipts first, whatever the clock said"


def test_no_deadline_of_the_emitter_asks_the_wall_clock() -> None:
    """What is kept for people may: when a receipt came, and whether a promise is late by a day."""
    package = Path(miriam_emitter.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in (
                "time.time", "time.time_ns", "time.localtime", "time.gmtime", "dt.datetime.now", "dt.date.today",
                "dt.datetime.today", "dt.datetime.utcnow", "datetime.now", "date.today",
            ):  # fmt: skip
                found.add(path.relative_to(package).as_posix())
    assert found == {"spool.py", "reconcile/run.py"}
