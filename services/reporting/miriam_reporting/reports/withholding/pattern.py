"""Which figures of a publication are withheld: the small ones, and as few others as keep them from being worked out."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding import restating, rules
from miriam_reporting.reports.withholding.counts import Count
from miriam_reporting.reports.withholding.places import Places
from miriam_reporting.reports.withholding.restating import Earlier
from miriam_reporting.reports.withholding.sensitive import Guarded, guarded
from miriam_reporting.reports.withholding.system import System, Vector, systems
from miriam_reporting.reports.withholding.tables import Tables, name_of, tables

# What it costs the reader to miss a figure: the larger the place, the more.
_COST = {"total": 1000.0, "region": 100.0, "cpas": 10.0, "project": 3.0}
# What is withheld already costs next to nothing, but a change that need not be is not made.
_NEXT_TO_NOTHING = 0.001
# What the reader may be asked to miss for one unit that a guarded count grows by, where many are protected at once.
_WORTH = 40.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """The names of the figures that are withheld, and of those among them that are small.

    `unsafe` are counts that can be worked out although all is withheld that has to do with them, if there are any.
    """

    withheld: frozenset[str]
    small: frozenset[str]
    unsafe: tuple[Guarded, ...] = ()


@dataclass(slots=True)
class _Hiding:
    found: Tables
    withheld: set[str]
    guessed: set[Count] = field(default_factory=set)


def solve(
    figures: Sequence[Figure],
    places: Places,
    indicators: Mapping[str, Indicator],
    earlier: Sequence[Earlier] = (),
    complementary: bool = True,
) -> Pattern:
    """The pattern of a publication of which these are all figures. The same figures always have the same pattern.

    `earlier` are the publications of the same edition that the public has seen already. Without `complementary` the
    small ones alone: what a careless publisher would do, for tests to take apart.
    """
    found = tables(figures, places, indicators)
    watched = guarded(found, indicators, places)
    watched += restating.changed_a_little(found, earlier)
    small = {name for each in watched for name in each.figures}
    hiding = _Hiding(found, {name_of(each) for each in figures if not rules.in_the_tables(each)} | small)
    for each in earlier:
        hiding.withheld |= each.withheld.intersection(found.figures)
    hiding.guessed = restating.taken_for_unchanged(found, earlier)
    unsafe: list[Guarded] = []
    if complementary:
        for system in systems(found, [each.terms for each in watched]):
            mine = [each for each in watched if system.holds(each.terms)]
            if mine:
                unsafe += _protect(system, mine, hiding)
    return Pattern(frozenset(hiding.withheld), frozenset(small), tuple(unsafe))


class _Seen:
    """How far witnesses have shown each guarded count to reach, below and above what it is."""

    def __init__(self, system: System, watched: Sequence[Guarded]) -> None:
        self.rows = system.rows([each.terms for each in watched])
        self._values = np.array([each.value for each in watched])
        self._widths = np.array([each.width for each in watched])
        self._small = np.array([each.is_small for each in watched])
        self.low = np.zeros(len(watched))
        self.high = np.zeros(len(watched))

    def add(self, system: System, change: Vector) -> None:
        """Take in a witness, and its opposite where that is one too."""
        for each in (change, -change):
            if system.agrees(each):
                moved = self.rows @ each
                self.low, self.high = np.minimum(self.low, moved), np.maximum(self.high, moved)

    def below(self, to: int = 1) -> Vector:
        """By how much each must still be shown to fall: small ones to 1, or to 0."""
        return np.where(self._small & (self._values + self.low > to), self._values - to, 0)

    def above(self) -> Vector:
        """By how much each must be shown to grow."""
        wanted = self.low + self._widths
        wanted = np.where(self._small, np.maximum(wanted, rules.THRESHOLD - self._values), wanted)
        return np.where(self.high < wanted, wanted, 0)


def _protect(system: System, watched: Sequence[Guarded], hiding: _Hiding) -> Iterable[Guarded]:
    seen = _Seen(system, watched)
    for may_withhold in (False, True):
        _many_at_once(system, seen, hiding, may_withhold)
    for number, each in enumerate(watched):
        # Where it cannot be 6, it is enough that it may be anything from 0 to 5. Only where nothing else is left are
        # counts hidden that whoever has an earlier publication may take for unchanged.
        if not any(
            _shown_possible(system, seen, number, to, guessed, hiding)
            for guessed in (hiding.guessed, frozenset[Count]())
            for to in (1, 0)
        ):
            hiding.withheld.update(name for count in system.counts for name in hiding.found.shown_by[count])
            yield each


def _shown_possible(
    system: System, seen: _Seen, number: int, to: int, guessed: AbstractSet[Count], hiding: _Hiding
) -> bool:
    for sign, wanted in ((-1, lambda: seen.below(to)), (1, seen.above)):
        if amount := float(wanted()[number]):
            change = system.cheapest(sign * seen.rows[[number]], amount, *_costs(system, hiding, guessed))
            if change is None:
                return False
            _withhold(system, change, hiding)
            seen.add(system, change)
    return True


def _many_at_once(system: System, seen: _Seen, hiding: _Hiding, may_withhold: bool) -> None:
    """Find what protects many at a time: what is withheld already, or with little more, where more may be withheld.

    In one table not all can be larger than they are. So it is asked of halves: two that exclude each other differ in
    some binary digit of their numbers, and are asked for apart.
    """
    for turn in range(2 * seen.low.size.bit_length()):
        for wanted, sign in ((seen.below, -1), (seen.above, 1)):
            half = (np.arange(seen.low.size) >> turn // 2) % 2 == turn % 2
            missing = np.flatnonzero((wanted() > 0) & half)
            cost, may = _costs(system, hiding, hiding.guessed)
            free = may if may_withhold else may & (cost <= _NEXT_TO_NOTHING)
            change = system.farthest(sign * seen.rows[missing], wanted()[missing], cost, free, _WORTH)
            if change is not None and change.any():
                _withhold(system, change, hiding)
                seen.add(system, change)


def _costs(system: System, hiding: _Hiding, guessed: AbstractSet[Count]) -> tuple[Vector, Vector]:
    """What it costs to let each count change, and whether it may."""
    shown = [_shown(count, hiding) for count in system.counts]
    cost = [_NEXT_TO_NOTHING + sum(_COST[hiding.found.figures[name].level] for name in names) for names in shown]
    may = [count not in guessed for count in system.counts]
    return np.array(cost), np.array(may)


def _withhold(system: System, change: Vector, hiding: _Hiding) -> None:
    for number in np.flatnonzero(change):
        hiding.withheld.update(_shown(system.counts[number], hiding))


def _shown(count: Count, hiding: _Hiding) -> list[str]:
    return [name for name in hiding.found.shown_by[count] if name not in hiding.withheld]
