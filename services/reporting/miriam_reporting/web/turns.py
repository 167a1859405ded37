"""How many requests are answered at once, and how many of them are one reader's.

A page that lays out an edition takes a second or more. So that those who ask for many of them keep nobody else waiting,
and so that it can always be asked whether the pages live, each request has its turn; a few wait for theirs, others are
told to come back.
"""

import threading
from collections import Counter

from flask import Flask, g, request
from werkzeug.exceptions import ServiceUnavailable

AT_ONCE = 6
OF_ONE = 4
# A browser asks for some pictures at the same time, and has them one after the other.
WAITING = 20
WAITING_OF_ONE = 8
PATIENCE_SECONDS = 20.0
# What a request is marked with that another one makes of itself, as a PDF its pictures: it is within that one's turn.
WITHIN = "miriam.within_a_turn"
_WITHOUT = ("static", "entrance.healthz")


class Turns:
    """Turns of holders. `take` waits for one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    def take(self, holder: str) -> bool:
        """Take a turn, which must be given back; False where too many wait already, or none came free for long."""
        with self._changed:
            if self._is_free(holder):
                self._held[holder] += 1
                return True
            if self._waiting.total() >= WAITING or self._waiting[holder] >= WAITING_OF_ONE:
                return False
            self._waiting[holder] += 1
            try:
                came = self._changed.wait_for(lambda: self._is_free(holder), PATIENCE_SECONDS)
            finally:
                _less(self._waiting, holder)
            if came:
                self._held[holder] += 1
            return came

    def give_back(self, holder: str) -> None:
        """The turn is over."""
        with self._changed:
            _less(self._held, holder)
            self._changed.notify_all()

    def _is_free(self, holder: str) -> bool:
        return self._held.total() < AT_ONCE and self._held[holder] < OF_ONE


def _less(counter: Counter[str], holder: str) -> None:
    counter[holder] -= 1
    if not counter[holder]:
        del counter[holder]


def install(app: Flask) -> None:
    """Answer 503 to who cannot have a turn. Needs to know who asks."""
    turns = Turns()

    @app.before_request
    def take() -> None:
        if request.endpoint in _WITHOUT or WITHIN in request.environ:
            return
        holder = g.viewer.actor if g.viewer.signed_in else request.remote_addr or ""
        if not turns.take(holder):
            raise ServiceUnavailable(retry_after=5)
        g.turn = holder

    @app.teardown_request
    def give_back(_: BaseException | None) -> None:
        holder = g.pop("turn", None)
        if holder is not None:
            turns.give_back(holder)
