"""Adding up what the units of a figure change, as they come; the first of them are kept to be listed."""

from collections import Counter, defaultdict
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
        self._omitted = Part()
        # Units, numerators, denominators.
        self._causes: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._excluded: tuple[Counter[str], Counter[str]] = Counter(), Counter()
        self._kept: list[Change] = []

    @property
    def has_room(self) -> bool:
        """Whether a further unit would be listed."""
        return self._most is None or len(self._kept) < self._most

    def add(self, changes: Iterable[Change]) -> None:
        """Take what further units change."""
        before, after = self._excluded
        for change in changes:
            added = self._causes[change.cause]
            added[0] += 1
            added[1] += change.numerator
            added[2] += change.denominator
            if change.before.excluded:
                before.update(change.before.excluded)
            if change.after.excluded:
                after.update(change.after.excluded)
            if self.has_room:
                self._kept.append(change)
            else:
                self._omitted += change

    def whole(self) -> Changed:
        """The figure with its parts. Raises DoesNotAddUp: a diff that does not add up is not given."""
        causes = {cause: Part(*self._causes[cause]) for cause in CAUSES if cause in self._causes}
        found = Changed(*self._figures, self._kept, causes, self._omitted)
        added = tuple(sum(part[number] for part in self._causes.values()) for number in (1, 2))
        excluded = signed(self._excluded[1], self._excluded[0])
        if added != (found.numerator or 0, found.denominator or 0) or excluded != found.excluded:
            told = f"{added} and {excluded}, not {found.numerator}, {found.denominator} and {found.excluded}"
            raise DoesNotAddUp(f"{found.after.code} {dict(found.after.by)}: its units add up to {told}")
        return found
