"""The HTTP side of one emitter: batches out, receipts in, in the shape of the AMQP link.

It lives on the loop's thread; requests wait in the workers'. A batch holds events of one service, so that one service
that sleeps holds up no other; and one batch of a service is under way at a time, so that the order holds. Before
anything is sent it asks for receipts: that shows whether the door is there and knows our token, and brings what was
answered late.
"""

from __future__ import annotations

import logging
import random
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from miriam_emitter.over_http.answer import Answer, Kind
from miriam_emitter.over_http.door import HttpDoor
from miriam_emitter.settings import Settings
from miriam_emitter.spool import Waiting
from miriam_emitter.transport import Loop, Owner, pause_before
from miriam_emitter.workers import Workers

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.5
_MOST_EVENTS = 1000
_MOST_BYTES = 4 * 1024 * 1024
_PAGE = 500
_CURSOR = "receipts_after"


class Notes(Protocol):
    """What the link keeps on the disk, and asks of the spool."""

    def recall(self, name: str) -> str:
        """What was kept under a name; empty where nothing was."""

    def remember(self, name: str, value: str) -> None:
        """Keep it for good."""

    def any_parked(self) -> bool:
        """Whether an answer is still owed to an event that no longer waits."""


class HttpLink:
    """One emitter's way to the door on `loop`, from `start` to `stop`. What its owner raises is handed to `failed`."""

    def __init__(
        self,
        loop: Loop,
        workers: Workers,
        settings: Settings,
        owner: Owner,
        notes: Notes,
        failed: Callable[[Exception], None],
    ) -> None:
        self._loop = loop
        self._workers = workers
        self._settings = settings
        self._owner = owner
        self._notes = notes
        self._failed = failed
        self._door = HttpDoor(settings)
        self._wanted = False
        self._up = False
        self._underway = 0
        self._generation = 0  # of the connection: an answer to an earlier one settles no tag
        self._attempts = 0
        self._timer: Any = None
        self._asking = False
        self._caught_up = False
        self._published = 0
        self._outbox: dict[str, deque[tuple[int, Waiting]]] = defaultdict(deque)
        self._busy: set[str] = set()
        self._held_up: dict[str, str] = {}
        self._most_events = _MOST_EVENTS
        self._flush_soon = False
        self._cursors: dict[int, str] = {}
        self._pages = 0

    @property
    def ready(self) -> bool:
        """Whether events may be published now."""
        return self._up

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        return not self._underway

    @property
    def caught_up(self) -> bool:
        """Whether parked events, if there are any, have been asked for, as far as the door can be reached."""
        return self._caught_up

    @property
    def trouble(self) -> str:
        """What holds up a service."""
        return next(iter(self._held_up.values()), "")

    def start(self) -> None:
        """Look for the door, and keep looking."""
        self._wanted = True
        self._caught_up = not self._notes.any_parked()
        self._ask()

    def stop(self) -> None:
        """Ask nothing more; what is under way comes to its end."""
        self._wanted = self._up = False
        self._cancel()
        self._outbox.clear()
        self._door.close()

    def publish(self, entry: Waiting) -> int:
        """Have an event sent with the next batch to its service."""
        self._published += 1
        self._outbox[entry.service].append((self._published, entry))
        if not self._flush_soon:
            # What is published in one go leaves together.
            self._flush_soon = True
            self._loop.call_later(0, self._guarded(self._flush))
        return self._published

    def acknowledge(self, tag: int) -> None:
        """A page of receipts is on the disk: from now on what is behind it is asked for."""
        cursor = self._cursors.pop(tag, "")
        if cursor:
            self._notes.remember(_CURSOR, cursor)
            self._ask_in(0)

    # --- events ---

    def _flush(self) -> None:
        self._flush_soon = False
        if not self._up:
            return
        for service, waiting in self._outbox.items():
            if waiting and service not in self._busy:
                self._send(service, self._cut(waiting))

    def _cut(self, waiting: deque[tuple[int, Waiting]]) -> list[tuple[int, Waiting]]:
        """The next batch: as many events as it may hold, one at the least."""
        batch = [waiting.popleft()]
        size = len(batch[0][1].body)
        while waiting and len(batch) < self._most_events and size + len(waiting[0][1].body) <= _MOST_BYTES:
            batch.append(waiting.popleft())
            size += len(batch[-1][1].body) + 1
        return batch

    def _send(self, service: str, batch: list[tuple[int, Waiting]]) -> None:
        self._busy.add(service)
        generation = self._generation
        bodies = [entry.body for _, entry in batch]
        self._request(lambda: self._door.post(bodies), lambda answer: self._sent(generation, service, batch, answer))

    def _sent(self, generation: int, service: str, batch: list[tuple[int, Waiting]], answer: Answer) -> None:
        current = self._up and generation == self._generation
        if current:
            self._busy.discard(service)
            self._settle(service, batch, answer)
            self._judge(service, len(batch), answer)
        if answer.receipts:
            self._owner.received(orjson.dumps(answer.receipts), 0)
        self._flush()

    def _settle(self, service: str, batch: list[tuple[int, Waiting]], answer: Answer) -> None:
        """Say of each event of a batch whether it was answered. Of a door that is gone the owner hears by itself."""
        settled = {receipt.get("id") for receipt in answer.receipts}
        pause = answer.pause
        if answer.kind is Kind.SMALLER and len(batch) == 1:
            pause = self._settings.longest_pause
        unsettled = [tag for tag, entry in batch if entry.id not in settled]
        for tag, entry in batch:
            if entry.id in settled:
                self._owner.confirmed(tag, False)
        if unsettled and answer.kind not in (Kind.AWAY, Kind.REFUSED):
            # What was to follow might be of the same subjects: it is given back too, and follows again.
            waiting = self._outbox[service]
            for tag in (*unsettled, *(tag for tag, _ in waiting)):
                self._owner.nacked(tag, False, pause)
            waiting.clear()

    def _judge(self, service: str, count: int, answer: Answer) -> None:
        """What an answer means for what comes next."""
        self._held_up.pop(service, None)
        if answer.kind in (Kind.AWAY, Kind.REFUSED):
            self._gone(answer)
        elif answer.kind is Kind.SMALLER and count > 1:
            self._most_events = max(count // 2, 1)
        elif answer.kind is not Kind.ANSWERED:
            self._held_up[service] = f"{answer.reason} ({service})" if service else answer.reason
        elif len(answer.receipts) < count:
            self._held_up[service] = f"the door answers fewer events than it was sent ({service})"

    # --- receipts, and whether the door is there ---

    def _ask_in(self, seconds: float) -> None:
        self._cancel()
        self._timer = self._loop.call_later(seconds, self._guarded(self._ask))

    def _ask(self) -> None:
        self._timer = None
        if not self._wanted or self._asking:
            return
        parked = self._notes.any_parked()
        if self._up and not parked:
            self._caught_up = True
            self._ask_in(self._settings.poll)
            return
        after = self._notes.recall(_CURSOR)
        self._asking = True
        self._request(
            lambda: self._door.receipts(after, _PAGE if parked else 1),
            lambda answer: self._asked(after, parked, answer),
        )

    def _asked(self, after: str, parked: bool, answer: Answer) -> None:
        self._asking = False
        if not self._wanted:
            return
        if answer.kind in (Kind.AWAY, Kind.REFUSED) or (answer.kind is Kind.BROKEN and not self._up):
            self._gone(answer)
            return
        page = answer.receipts if parked else []
        new = bool(page) and answer.next not in ("", after)
        self._caught_up = self._caught_up or not new
        if not self._up:
            self._open()
        if new:
            self._pages += 1
            self._cursors[self._pages] = answer.next
            self._owner.received(orjson.dumps(page), self._pages)
        else:
            self._ask_in(max(self._settings.poll, answer.pause))

    def _open(self) -> None:
        self._up = True
        self._attempts = self._published = 0
        self._owner.connected()

    def _gone(self, answer: Answer) -> None:
        """The door cannot be reached, or does not know us: all of it is tried again later."""
        self._up = False
        self._generation += 1
        self._outbox.clear()
        self._busy.clear()
        self._held_up.clear()
        self._cursors.clear()
        # Whoever waits for nothing but late receipts shall not wait for a door that is away.
        self._caught_up = True
        pause = pause_before(self._attempts, _FIRST_PAUSE, self._settings.longest_pause)
        self._attempts += 1
        if answer.kind is Kind.REFUSED:
            pause = self._settings.longest_pause
            self._door.token = self._settings.newest_token()
        # Spread over half the pause, so that all the CPAS do not come back to a restarted door at once.
        self._ask_in(pause * random.uniform(0.5, 1.0))
        self._owner.disconnected(answer.reason)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._loop.remove_timeout(self._timer)
            self._timer = None

    # --- threads ---

    def _request(self, ask: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        """Have a worker ask, and hear the answer in the loop's thread."""
        self._underway += 1

        def hear(answer: Answer) -> None:
            self._underway -= 1
            self._guarded(lambda: then(answer))()

        def work() -> None:
            try:
                answer = ask()
            except Exception as problem:  # our own fault: the run shall end with it, not hang
                failure = problem
                self._loop.add_callback_threadsafe(lambda: self._failed(failure))
            else:
                self._loop.add_callback_threadsafe(lambda: hear(answer))

        self._workers.do(work)

    def _guarded(self, call: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                call()
            except Exception as problem:
                self._failed(problem)

        return guarded
