"""One emitter at work: spool, window and link brought together, whatever the link goes over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from miriam_emitter.errors import SpoolFull
from miriam_emitter.keys import PublicKeys
from miriam_emitter.progress import Tally
from miriam_emitter.receipts import Receipt, Unverified, split, verify
from miriam_emitter.settings import Settings
from miriam_emitter.spool import Spool
from miriam_emitter.transport import Closed, Loop, Transport, now
from miriam_emitter.window import Window
from miriam_emitter.workers import Workers

log = logging.getLogger(__name__)

_LOAD = 2000
_MOST_AHEAD = 20_000
_COMMIT_AT = 250
_COMMIT_AFTER = 0.2
_SOON = 0.004
_ROOM_AFTER = 1.0


@dataclass
class Line:
    """Drains one spool over one link. Everything but `more` runs in the loop's thread.

    A receipt frees its subject as soon as it is verified, and is acknowledged once it is on the disk: were the machine
    to stop in between, the entry would be sent again and found a duplicate, before anything that came after it.
    """

    settings: Settings
    spool: Spool
    keys: PublicKeys
    loop: Loop
    workers: Workers
    failed: Callable[[Exception], None]

    def __post_init__(self) -> None:
        self.tally = Tally()
        self.full: SpoolFull | None = None
        self._trouble = "not connected yet"
        self.last_answer = now()
        over_http = self.settings.over == "http"
        self._window = Window(self.settings.window, self.settings.timeout, ordered=over_http)
        self._link = self._link_over_http() if over_http else self._link_over_amqp()
        self._cursor = 0
        self._all_loaded = False
        self._pending: list[Receipt] = []
        self._pending_since = 0.0
        self._last_tag = 0
        self._soon = False
        self._stopping = False
        self._room_at = 0.0

    @property
    def in_flight(self) -> int:
        """Entries on their way."""
        return self._window.in_flight

    @property
    def drained(self) -> bool:
        """Whether every entry of the spool has its receipt, committed and acknowledged."""
        return (
            self._all_loaded
            and not (self._window.in_flight or self._window.ahead or self._pending)
            and self._link.caught_up
        )

    @property
    def trouble(self) -> str:
        """Why nothing, or not everything, goes its way; empty when all is well."""
        return (str(self.full.args[0]) if self.full else "") or self._trouble or self._link.trouble

    @property
    def stopped(self) -> bool:
        """Whether the connection is closed."""
        return self._link.idle

    def start(self) -> None:
        """Connect and begin to send."""
        self._load()
        self._link.start()

    def stop(self) -> None:
        """Keep the receipts that came, and close.

        Raises:
            SpoolError: they cannot be kept; they will come again.
        """
        self._stopping = True
        try:
            self._commit()
        finally:
            self._link.stop()

    def more(self) -> None:
        """Something was spooled. May be called from any thread: it sets a flag that the next tick reads."""
        self._all_loaded = False

    def tick(self) -> None:
        """Do what time asks for: commit, send again what was not answered, send what is new."""
        moment = now()
        if self.full is not None:
            # What is sent now would be answered, and the answers would pile up here.
            if moment < self._room_at or not self._commit():
                return
        elif self._pending and (len(self._pending) >= _COMMIT_AT or moment - self._pending_since >= _COMMIT_AFTER):
            self._commit()
        if self._window.ahead < _LOAD:
            self._load()
        if self._link.ready:
            self.tally.resent += self._window.expire(moment)
            self._pump(moment)

    def connected(self) -> None:
        """The link is up."""
        self._trouble = ""
        self.tally.connections += 1
        log.info("%s: connected", self.settings.id)
        self.tick()

    def disconnected(self, reason: str) -> None:
        """The link is down; it comes back by itself."""
        # Receipts that were not acknowledged come again under other tags.
        self._last_tag = 0
        self._window.disconnected()
        if reason != self._trouble:
            log.warning("%s: no connection: %s", self.settings.id, reason)
        self._trouble = reason

    def confirmed(self, tag: int, multiple: bool) -> None:
        """What was sent is in good hands."""
        self._window.confirmed(tag, multiple)

    def nacked(self, tag: int, multiple: bool, pause: float = 0.0) -> None:
        """What was sent was not taken."""
        self.tally.nacked += 1
        self._window.nacked(tag, multiple, now(), pause)

    def received(self, body: bytes, tag: int) -> None:
        """Receipts came. What cannot be believed is dropped: the entry is sent again, and answered again."""
        if self._stopping:
            return
        moment = now()
        self._last_tag = tag or self._last_tag
        if not self._pending:
            self._pending_since = moment
        try:
            for content in split(body):
                self._believe(content)
        except Unverified as problem:
            self._doubt(problem)
        if not self._pending:
            self._commit()
        elif not self._soon:
            # Receipts come in flocks: what they set free is sent once for all of them.
            self._soon = True
            self.loop.call_later(_SOON, self._tick_soon)

    def _tick_soon(self) -> None:
        self._soon = False
        if not self._stopping:
            try:
                self.tick()
            except Exception as problem:
                self.failed(problem)

    def _believe(self, content: dict[str, object]) -> None:
        try:
            receipt = verify(content, self.settings.source, self.keys)
        except Unverified as problem:
            self._doubt(problem)
            return
        self._pending.append(receipt)
        self.last_answer = now()
        self.tally.count(receipt.outcome if self._window.answered(receipt.id) else "stray")

    def _doubt(self, problem: Unverified) -> None:
        self.tally.unverified += 1
        if self.tally.unverified == 1:
            log.error("%s: not believed: %s", self.settings.id, problem)
        self._trouble = f"not believed: {problem}"

    def _commit(self) -> bool:
        """Put the receipts that came on the disk; false where it has no room, which is tried again."""
        if self._pending:
            try:
                self.spool.settle(self._pending)
            except SpoolFull as problem:
                if self._stopping:
                    raise
                if self.full is None:
                    log.error("%s: %s", self.settings.id, problem.args[0])
                self.full = problem
                self._room_at = now() + _ROOM_AFTER
                return False
            self.full = None
            if any(receipt.outcome != "parked" for receipt in self._pending):
                # An entry that shall be sent more than once has now a new place in the spool.
                self._all_loaded = False
            self._pending.clear()
        if self._last_tag:
            self._link.acknowledge(self._last_tag)
            self._last_tag = 0
        return True

    def _load(self) -> None:
        if self._all_loaded or self._window.ahead >= _MOST_AHEAD:
            return
        # Before reading: what is spooled meanwhile must not be taken for loaded.
        self._all_loaded = True
        found = self.spool.waiting(self._cursor, _LOAD)
        if found:
            self._cursor = found[-1].position
            self._window.offer(found)
        if len(found) == _LOAD:
            self._all_loaded = False

    def _pump(self, moment: float) -> None:
        while self._link.ready:
            try:
                for flight in self._window.take(moment):
                    self._window.sent(flight, self._link.publish(flight.entry), moment)
            except Closed as problem:
                # The link closed under our hands; `disconnected` follows, and puts back what was taken.
                log.info("%s: %s", self.settings.id, problem)
                return
            before = self._window.ahead
            if not self._window.has_room:
                return
            self._load()
            if self._window.ahead == before:
                return

    def _link_over_amqp(self) -> Transport:
        # Imported here: who sends over HTTP needs no pika.
        from miriam_emitter.link import Link

        return Link(self.loop, self.settings, self, self.failed)

    def _link_over_http(self) -> Transport:
        from miriam_emitter.over_http.link import HttpLink

        return HttpLink(self.loop, self.workers, self.settings, self, self.spool, self.failed)
