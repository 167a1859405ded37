"""What keeps one holder of a token from taking the door for himself: a rate, and few requests at once."""

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from miriam_contracts import http_problems

# Requests of one holder that may be under way at once. One is recorded at a time; the others wait for it.
MOST_AT_ONCE = 4
# How many seconds' worth may come in one burst.
BURST_SECONDS = 10


@dataclass(slots=True)
class _Standing:
    level: float
    at: float
    under_way: int = 0
    recording: threading.Lock = field(default_factory=threading.Lock)


class Fairness:
    """Measures each holder apart. `per_second` events are let through in the long run; 0: any number."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = float(per_second * BURST_SECONDS)
        self._clock = clock
        self._standings: dict[str, _Standing] = {}

    @contextlib.contextmanager
    def request(self, holder: str) -> Iterator[None]:
        """A request of this holder, until it is answered. Raises HttpProblem, 429, where too many are under way."""
        standing = self._standing(holder)
        if standing.under_way >= MOST_AT_ONCE:
            raise http_problems.too_many(1, f"{MOST_AT_ONCE} requests of yours are under way; wait for an answer")
        standing.under_way += 1
        try:
            yield
        finally:
            standing.under_way -= 1

    @contextlib.contextmanager
    def turn(self, holder: str) -> Iterator[None]:
        """While this is held, no other request of the holder records: they are taken one after another."""
        with self._standing(holder).recording:
            yield

    def charge(self, holder: str, events: int) -> None:
        """Take `events` from what the holder may send. Raises HttpProblem, 429, with the seconds to wait.

        More than a burst is let through when all of it is there, and the holder then owes the rest: so a large batch is
        possible whatever the rate, and the rate is kept all the same.
        """
        if self._rate == 0 or events <= 0:
            return
        standing, now = self._standing(holder), self._clock()
        standing.level = min(self._burst, standing.level + (now - standing.at) * self._rate)
        standing.at = now
        missing = min(float(events), self._burst) - standing.level
        if missing > 0:
            seconds = max(1, math.ceil(missing / self._rate))
            raise http_problems.too_many(seconds, f"{self._rate} events a second, {self._burst:.0f} at once")
        standing.level -= events

    def _standing(self, holder: str) -> _Standing:
        return self._standings.setdefault(holder, _Standing(self._burst, self._clock()))
