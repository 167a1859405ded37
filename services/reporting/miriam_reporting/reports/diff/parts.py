"""Adding up what the units of a figure change, as they come; the first of them are kept to be listed."""

from collections import Counter
from collections.abc import Iterable

from miriam_reporting.reports.diff.model import CAUSES, Change, Changed, Part, signed
from miriam_reporting.reports.model import Figure


class DoesNotAddUp(Exception):
    """Our own fault: the units' parts are not the difference of the figures. The message names the figure."""


class Parts:
    """The parts of one changed figure. `most` units are listed at most, all of them are counted."""

    def __init__(self, before: Figure, after: Figure, most: int | None) -> None:
        self._figures = before, after
        self._most = most
        self._all, self._omitted = Part(), Part()
        self._causes: dict[str, Part] = {}
        self._excluded: tuple[Counter[str], Counter[str]] = Counter(), Counter()
        self._kept: list[Change] = []

    def add(self, changes: Iterable[Change]) -> None:
        """Take what further units change."""
        for change in changes:
            self._all += change
            self._causes[change.cause] = self._causes.get(change.cause, Part()) + change
            for counted, side in zip(self._excluded, (change.before, change.after), strict=True):
                counted.update(side.excluded)
            if self._most is None or len(self._kept) < self._most:
                self._kept.append(change)
            else:
                self._omitted += change

    def whole(self) -> Changed:
        """The figure with its parts. Raises DoesNotAddUp: a diff that does not add up is not given."""
        causes = {cause: self._causes[cause] for cause in CAUSES if cause in self._causes}
        found = Changed(*self._figures, self._kept, causes, self._omitted)
        added = self._all.numerator, self._all.denominator
        excluded = signed(self._excluded[1], self._excluded[0])
        if added != (found.numerator or 0, found.denominator or 0) or excluded != found.excluded:
            told = f"{added} and {excluded}, not {found.numerator}, {found.denominator} and {found.excluded}"
            raise DoesNotAddUp(f"{found.after.code} {dict(found.after.by)}: its units add up to {told}")
        return found
