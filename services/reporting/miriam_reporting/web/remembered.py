"""Reports of the past that were asked for lately, or will be: a reader moves through a history from one moment to the
next, and the pictures of a page are asked for one by one. What stood at a position never changes.
"""

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports import kept
from miriam_reporting.reports.current import QuickReport, report
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.reports.retired import refuse_retired

# Of text; the largest report of an edition of the programme's own size has some four million.
MOST_CHARACTERS = 60_000_000
# How many are made before anybody asks for them.
_EXPECTED = 6


class Remembered:
    """Reports by what was asked; those that were not asked for longest are forgotten first. For many threads."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._reports: OrderedDict[Hashable, QuickReport] = OrderedDict()
        self._characters = 0
        self._expected: deque[tuple[str, int]] = deque(maxlen=_EXPECTED)
        self._making: dict[Hashable, threading.Lock] = {}
        self._makers: Counter[Hashable] = Counter()

    def get(self, key: Hashable, make: Callable[[], QuickReport]) -> QuickReport:
        """The report that is remembered, else the one that `make` gives: once, however many ask at the same time."""
        if (found := self._find(key)) is not None:
            return found
        with self._alone(key):
            if (found := self._find(key)) is None:
                found = make()
                self._put(key, found)
            return found

    def whole(self, connection: Connection, edition: str, position: int) -> QuickReport:
        """Every figure of an edition at a position, at every level. As `report` asks for its connection, and raises."""
        # As `report` would, from the first moment: what was remembered before is not answered after it.
        refuse_retired(connection, edition)
        key = kept.generation(connection), edition, position
        return self.get(key, lambda: report(connection, edition, position, LEVELS))

    def expect(self, edition: str, positions: Iterable[int]) -> None:
        """Somebody will perhaps ask for these next, most likely for the last of them."""
        with self._lock:
            self._expected.extend((edition, position) for position in positions)

    def expected(self) -> tuple[str, int] | None:
        """An edition and a position that will be asked for next, given away once."""
        with self._lock:
            return self._expected.pop() if self._expected else None

    def _find(self, key: Hashable) -> QuickReport | None:
        with self._lock:
            if key in self._reports:
                self._reports.move_to_end(key)
            return self._reports.get(key)

    def _put(self, key: Hashable, report: QuickReport) -> None:
        with self._lock:
            # One that alone is more than there is room for is not remembered.
            if report.characters > self._most:
                return
            self._reports[key] = report
            self._characters += report.characters
            while self._characters > self._most:
                _, gone = self._reports.popitem(last=False)
                self._characters -= gone.characters

    @contextmanager
    def _alone(self, key: Hashable) -> Iterator[None]:
        with self._lock:
            lock = self._making.setdefault(key, threading.Lock())
            self._makers[key] += 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._makers[key] -= 1
                if not self._makers[key]:
                    del self._makers[key], self._making[key]
