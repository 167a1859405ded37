"""Counts again what readers look at, soon after something came that matters to it: so that none of them waits for it.

A page always tells all that is projected. Who asks before the warmer has counted, waits as if there were none.
"""

import threading
import time
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_platform import logging
from miriam_platform.database import LOST
from miriam_platform.pool import Pool
from miriam_reporting.facts.mentions import last_that_matters
from miriam_reporting.reports import kept
from miriam_reporting.reports.current import report
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.web.editions import editions
from miriam_reporting.web.remembered import Remembered

# How long somebody who looked is expected back, and of how many editions.
EXPECTED_SECONDS = 1800.0
MOST = 3
# While events come one after the other: so long it is waited for the last of them, and no longer.
_REST_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 1.0

log = logging.get(__name__)
State = tuple[str, int]  # which facts, and the last position that matters


@dataclass(slots=True)
class _Watched:
    """An edition: when it was last looked at, what was counted, and what has come since when."""

    looked_at: float
    counted: State | None = None
    seen: State | None = None
    seen_at: float = 0.0
    behind_since: float = 0.0

    def is_due(self, now: float) -> bool:
        """Whether something came, and rests, or has been waited for long enough."""
        if self.seen == self.counted:
            return False
        return now - self.seen_at >= _REST_SECONDS or now - self.behind_since >= _PATIENCE_SECONDS


class Warmer:
    """Watches the newest edition, and those that were looked at lately. `run` is one thread's work."""

    def __init__(self, database: Pool, layouts: Layouts, remembered: Remembered) -> None:
        self._database, self._layouts, self._remembered = database, layouts, remembered
        self._lock = threading.Lock()
        self._watched: dict[str, _Watched] = {}
        self._stopped = threading.Event()

    def looked(self, edition: str) -> None:
        """Somebody was shown something of an edition."""
        with self._lock:
            watched = self._watched.setdefault(edition, _Watched(0.0))
            watched.looked_at = time.monotonic()
            oldest = sorted(self._watched, key=lambda each: self._watched[each].looked_at)
            for each in oldest[: max(0, len(oldest) - MOST)]:
                del self._watched[each]

    def run(self) -> None:
        """Until `stop`."""
        while not self._stopped.wait(_PAUSE_SECONDS):
            try:
                self.step()
            except LOST as error:
                # The database is away: pages say so to who asks.
                log.info("not warmed", error=logging.told(error))
            except Exception as error:
                # Nobody would notice that this thread had ended, but by waiting, and by what stays laid out.
                log.error("not warmed", error=logging.told(error))

    def stop(self) -> None:
        """Let `run` return after its step."""
        self._stopped.set()

    def step(self) -> list[str]:
        """Forget what is laid out of facts that are no more, count what is due, and of the past what is expected.

        Answers which editions were counted.
        """
        self._layouts.forget_others()
        if newest := self._database.ask(lambda connection: next(iter(editions(connection)), None)):
            self._expect(newest.id)
        with self._lock:
            watched = dict(self._watched)
        due = [(edition, each) for edition, each in watched.items() if self._is_due(edition, each)]
        found = [edition for edition, each in due if self._count(edition, each)]
        while expected := self._remembered.expected():
            self._recall(*expected)
        return found

    def _recall(self, edition: str, position: int) -> None:
        try:
            self._database.ask(lambda connection: self._remembered.whole(connection, edition, position))
        except ReportError as error:
            log.info("not recalled", edition=edition, error=str(error))

    def _expect(self, edition: str) -> None:
        with self._lock:
            known = edition in self._watched
        if not known:
            self.looked(edition)

    def _is_due(self, edition: str, watched: _Watched) -> bool:
        now = time.monotonic()
        state = self._database.ask(lambda connection: _state(connection, edition))
        if state != watched.seen:
            if watched.seen == watched.counted:
                watched.behind_since = now
            watched.seen, watched.seen_at = state, now
        return now - watched.looked_at < EXPECTED_SECONDS and watched.is_due(now)

    def _count(self, edition: str, watched: _Watched) -> bool:
        state, began, found = watched.seen, time.monotonic(), True
        try:
            self._database.ask(lambda connection: report(connection, edition, None, LEVELS))
            self._layouts.warm(edition)
        except ReportError as error:
            # What cannot be counted, as an edition that was retired, is tried again when something changed.
            log.info("not warmed", edition=edition, error=str(error))
            found = False
        watched.counted = state
        log.debug("warmed", edition=edition, seconds=round(time.monotonic() - began, 2))
        return found


def _state(connection: Connection, edition: str) -> State:
    return kept.generation(connection), last_that_matters(connection, edition)
