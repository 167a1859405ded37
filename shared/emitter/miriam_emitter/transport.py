"""What a line asks of a link, and what a link tells its line: the same over AMQP and over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from miriam_emitter.spool import Waiting


class Closed(Exception):
    """The link closed while something was published; its owner hears of it as well."""


class Owner(Protocol):
    """What a link tells, always from the loop's thread."""

    def connected(self) -> None:
        """Events may be published."""

    def disconnected(self, reason: str) -> None:
        """The connection is gone; it comes back by itself."""

    def confirmed(self, tag: int, multiple: bool) -> None:
        """A publication, or all up to it, is in good hands: stored by the broker, or answered by the door."""

    def nacked(self, tag: int, multiple: bool, pause: float = 0.0) -> None:
        """A publication, or all up to it, was not taken; the service asks for `pause` seconds of peace."""

    def received(self, body: bytes, tag: int) -> None:
        """Receipts came; to be acknowledged by their tag, unless it is 0."""


class Transport(Protocol):
    """A connection that comes back by itself, from `start` to `stop`."""

    @property
    def ready(self) -> bool:
        """Whether events may be published now."""

    @property
    def idle(self) -> bool:
        """Whether nothing is open, and nothing on its way."""

    @property
    def caught_up(self) -> bool:
        """Whether the receipts that were made while we were away have been asked for, as far as that is possible."""

    @property
    def trouble(self) -> str:
        """Why something is held up although the link is there; empty when all is well."""

    def start(self) -> None:
        """Connect, and keep connected."""

    def stop(self) -> None:
        """Close in good order; `idle` tells when it is done."""

    def publish(self, entry: Waiting) -> int:
        """Send one event; the tag of the publication, one more than the last. Raises Closed."""

    def acknowledge(self, tag: int) -> None:
        """The receipts up to this tag are on the disk."""


class Loop(Protocol):
    """One thread's timers and what other threads hand to it."""

    def call_later(self, delay: float, callback: Callable[[], Any]) -> Any:
        """Call back in so many seconds; what to cancel it with."""

    def remove_timeout(self, timer: Any) -> None:
        """Cancel a timer."""

    def add_callback_threadsafe(self, callback: Callable[[], Any]) -> None:
        """Call back soon in the loop's thread; from any thread."""

    def start(self) -> None:
        """Run until `stop`."""

    def stop(self) -> None:
        """End `start` soon. In the loop's thread."""

    def close(self) -> None:
        """Give everything back."""


def pause_before(attempt: int, first: float, longest: float) -> float:
    """Seconds before another attempt to connect: twice as many with each, up to `longest`."""
    # A power of some thousand attempts would be no float any more.
    return float(min(first * 2 ** min(attempt, 20), longest))


def now() -> float:
    """Monotonic seconds: the clock of every deadline here."""
    return time.monotonic()
