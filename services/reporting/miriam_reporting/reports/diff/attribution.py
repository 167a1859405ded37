"""Giving each changed unit its cause, and the events that made it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from miriam_reporting.indicators.definitions import Query
from miriam_reporting.indicators.standing import Standing
from miriam_reporting.reports.diff.causes import Fate, Fates, events_of, named
from miriam_reporting.reports.diff.events import Between
from miriam_reporting.reports.diff.grounds import STRUCTURE, Ground, kinds, likely_kinds, stands_alone
from miriam_reporting.reports.diff.kinship import Kinship
from miriam_reporting.reports.diff.model import CAUSES, NAMED, Change, Named, State
from miriam_reporting.reports.diff.rows import Rows, both
from miriam_reporting.reports.diff.states import Row


@dataclass(slots=True)
class Pending:
    """A changed unit whose cause is not known yet.

    `rows` are its rows at the figure's place, as they count there, `touched` those of one side alone, whichever;
    `anywhere` its rows at any place.
    """

    unit: str
    before: State
    after: State
    rows: Rows
    anywhere: Rows
    touched: list[Row] = field(init=False)

    def __post_init__(self) -> None:
        before, after = both(self.rows)
        if before and after:
            old, new = Counter(before), Counter(after)
            self.touched = [*(old - new), *(new - old)]
        else:
            self.touched = before or after


class Attribution:
    """Answers for the changed units of one query: what is read of the ledger, is read once for all of them.

    Events are named only where units are `listed`: to name those of re-matched ones much must be read.
    """

    def __init__(
        self,
        between: Between,
        kinship: Kinship,
        fates: Fates,
        query: Query,
        standing: Sequence[Standing],
        pending: Sequence[Pending],
        *,
        listed: bool,
    ) -> None:
        self._query = query
        self._listed = listed
        self._fates = fates
        fates.read({row.event_id for each in pending for row in each.touched})
        self._shows_invalid = query.place == "either"
        if not listed:
            return
        self._every = kinds(query, standing)
        unmoved = {self._own_keys(each) for each in pending if self._cause(self._fates_of(each)) == "re_matched"}
        if unmoved:
            self._ground = _ground(between, kinship, self._every, unmoved)

    def of(self, pending: Pending) -> Change:
        """The change with its cause, and with its events where it is listed."""
        fates = self._fates_of(pending)
        cause = self._cause(fates)
        if not self._listed:
            return Change(pending.unit, cause, pending.before, pending.after)
        told = self._rests_on(pending) if cause == "re_matched" else events_of(fates)
        return Change(pending.unit, cause, pending.before, pending.after, told[:NAMED], max(0, len(told) - NAMED))

    def _fates_of(self, pending: Pending) -> dict[str, Fate]:
        return {row.event_id: self._fates.of(row.event_id) for row in pending.touched}

    def _cause(self, fates: Mapping[str, Fate]) -> str:
        causes = {fate.cause for fate in fates.values()}
        return causes.pop() if len(causes) == 1 else min(causes, key=CAUSES.index)

    def _rests_on(self, pending: Pending) -> list[Named]:
        kinds_of_own = frozenset(self._fates.leaves[row.event_id].kind for row in pending.touched)
        # What left one region for another is to be seen at neither alone.
        touched = {row.event_id for row in pending.touched}
        before, after = ([row for row in side if row.event_id in touched] for side in both(pending.anywhere))
        # Facts that are shown also where they are invalid do not go with who carries their project.
        every = self._every - {"consortium.formed"} if self._shows_invalid and not (before and after) else self._every
        likely = likely_kinds(before, after, self._query, kinds_of_own)
        return named(self._ground.nearest(self._own_keys(pending), likely, every, not (before and after)), "re_matched")

    def _own_keys(self, pending: Pending) -> frozenset[str]:
        """What the unit itself is about: the keys of its events; of a group session's, one woman's where it is hers."""
        keys = {key for row in pending.touched for key in self._fates.leaves[row.event_id].keys}
        _, slash, woman = pending.unit.partition("/")
        if slash and f"w:{woman}" in keys:
            keys = {key for key in keys if key[0] != "w" or key == f"w:{woman}"}
        keys.update(f"c:{row.cpas}" for row in pending.touched if row.cpas)
        keys.update(f"p:{row.project}" for row in pending.touched if row.project)
        return frozenset(keys)


def _ground(between: Between, kinship: Kinship, every: frozenset[str], units: Collection[frozenset[str]]) -> Ground:
    """The events that units with these keys may rest on: all near ones, and of what they share what gives places."""
    kinship.admit(key for own in units for key in own)
    wide = frozenset[str]().union(*map(kinship.widened, units))
    near = {key for key in wide if key[0] in "wg"}
    near |= {each for key in wide if key[0] == "f" for each in kinship.participations(key)}
    near |= {key for own in units if stands_alone(own) for key in own}
    shared = {key for key in wide if key[0] in "pkce"}
    return Ground(between.about([(every, near), (STRUCTURE & every, shared)]), kinship)
