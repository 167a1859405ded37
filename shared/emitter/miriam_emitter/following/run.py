"""Follow a source: take each line, send, and at the end wait for what is still to be answered."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from miriam_emitter.emitter import Emitter
from miriam_emitter.errors import EventRejected, IdReused, SpoolFull
from miriam_emitter.events import Entry
from miriam_emitter.following.lines import Line
from miriam_emitter.following.sources import Source
from miriam_emitter.progress import Report
from miriam_emitter.spool import Put

_POLL = 0.2
_AT_ONCE = 500
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_MOST_KEPT = 1000
_FAREWELL = 5.0


@dataclass
class Followed:
    """What came of following: how many lines became what, and those that cannot be sent."""

    counts: dict[Put, int] = field(default_factory=lambda: dict.fromkeys(Put, 0))
    rejected: int = 0
    rejections: list[dict[str, Any]] = field(default_factory=list)  # the first ones
    waiting: int = 0


def follow(
    emitter: Emitter,
    source: Source,
    watch: Report,
    say: Callable[[str], None],
    patience: float | None,
    farewell: float,
) -> Followed:
    """Take and send until the source ends or the process is interrupted (SIGINT, SIGTERM).

    A line that cannot be sent is said, and the others go on. At the end of the source it waits for answers until
    `patience` seconds pass without one (None: for ever); interrupted, for `farewell` seconds, or until it is
    interrupted again. What has no answer then is safe in the spool.

    Raises:
        EmitterError: nothing more can be sent or kept.
    """
    found = Followed()
    with _interrupts() as interrupted, _sending(emitter, watch) as failed:
        taking = _Taking(emitter, source, say, found, interrupted)
        while not source.ended and not interrupted.is_set():
            failed()
            lines = source.read()
            taking.take(lines)
            if not lines:
                interrupted.wait(_POLL)
        if interrupted.is_set():
            taking.take(source.rest())
            with suppress(KeyboardInterrupt):
                _wait(emitter, failed, farewell, in_all=True)
        else:
            _wait(emitter, failed, patience)
    found.waiting = emitter.spool.count_waiting()
    return found


@dataclass
class _Taking:
    emitter: Emitter
    source: Source
    say: Callable[[str], None]
    found: Followed
    interrupted: threading.Event

    def take(self, lines: Sequence[Line]) -> None:
        """Put these lines, but for those that cannot be sent."""
        for start in range(0, len(lines), _AT_ONCE):
            part = lines[start : start + _AT_ONCE]
            ready = [(line, entry) for line in part for entry in self._entry(line)]
            while True:
                try:
                    self._put([entry for _, entry in ready], part[-1])
                    break
                except IdReused as problem:
                    line, _ = ready.pop(problem.index or 0)
                    self._reject(line, problem)

    def _put(self, entries: list[Entry], last: Line) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                done = self.emitter.put_entries(entries, note=self.source.note(last))
                break
            except SpoolFull as problem:
                if pause == _FIRST_PAUSE:
                    self.say(f"{problem.args[0]}; waiting for room")
                if self.interrupted.wait(pause):
                    raise
                pause = min(pause * 2, _LONGEST_PAUSE)
        for put in done:
            self.found.counts[put] += 1

    def _entry(self, line: Line) -> list[Entry]:
        """What a line holds: one entry; none, where it is empty or cannot be sent."""
        if line.text is not None and not line.text.strip():
            return []
        try:
            event = None if line.text is None else orjson.loads(line.text)
            if not isinstance(event, dict):
                raise EventRejected("not a JSON object", "write one event a line")
            return self.emitter.prepare(event)
        except orjson.JSONDecodeError:
            self._reject(line, EventRejected("not a JSON object", "write one event a line"))
        except EventRejected as problem:
            self._reject(line, problem)
        return []

    def _reject(self, line: Line, problem: EventRejected) -> None:
        self.found.rejected += 1
        if len(self.found.rejections) < _MOST_KEPT:
            why = {"line": line.number, "why": str(problem.args[0]), "next": problem.next_step}
            self.found.rejections.append(why)
        self.say(f"line {line.number}: {problem.args[0]}; it is not sent: {problem.next_step}")


@contextmanager
def _sending(emitter: Emitter, watch: Report) -> Iterator[Callable[[], None]]:
    """Send in a thread of its own. What is yielded raises what ended it."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            emitter.run(until_drained=False, progress=watch)
        except BaseException as problem:
            failures.append(problem)

    def failed() -> None:
        if failures:
            raise failures[0]

    thread = threading.Thread(target=run, name="miriam-emitter")
    thread.start()
    try:
        yield failed
    finally:
        while thread.is_alive():
            # Asked again after a while: where it had hardly begun it did not hear.
            emitter.stop()
            thread.join(_FAREWELL)
    failed()


def _wait(emitter: Emitter, failed: Callable[[], None], patience: float | None, in_all: bool = False) -> None:
    """Until all is answered; or for so many seconds, in all or since the last answer."""
    since = time.monotonic()
    waiting = emitter.spool.count_waiting()
    while waiting and (patience is None or time.monotonic() - since < patience):
        failed()
        time.sleep(_POLL / 4)
        now = emitter.spool.count_waiting()
        if now < waiting and not in_all:
            since = time.monotonic()
        waiting = now


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Set once the process is asked to end, so that what it is at is finished first; asked again, it is interrupted.

    Only the main thread may listen; elsewhere nothing is ever set.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def hear(*_: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
