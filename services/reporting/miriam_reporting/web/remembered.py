"""Reports of the past that were asked for lately: a reader who moves through a history comes back, and what stood at a
position never changes.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from miriam_reporting.reports.current import QuickReport

# Of text; the largest report of an edition of the programme's own size has some four million.
MOST_CHARACTERS = 60_000_000


class Remembered:
    """Reports by what was asked; those that were not asked for longest are forgotten first. For many threads."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._reports: OrderedDict[Hashable, QuickReport] = OrderedDict()
        self._characters = 0

    def get(self, key: Hashable) -> QuickReport | None:
        """The report, where it is remembered."""
        with self._lock:
            if key in self._reports:
                self._reports.move_to_end(key)
            return self._reports.get(key)

    def put(self, key: Hashable, report: QuickReport) -> None:
        """Remember a report; one that alone is more than there is room for, is not."""
        with self._lock:
            if key in self._reports or report.characters > self._most:
                return
            self._reports[key] = report
            self._characters += report.characters
            while self._characters > self._most:
                _, gone = self._reports.popitem(last=False)
                self._characters -= gone.characters
