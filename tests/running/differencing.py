"""Who takes published reports apart: all that anybody knows of how their figures hang together, and linear programmes.

Written from COUNTING.md and from what is published, not from the code that withholds: it shares nothing with that. The
attacker also knows what the public is not told: how much is counted twice wherever figures of a level are added up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, inf
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

LEVELS = ("total", "region", "cpas", "project")
# Of persons nothing: they are published whole.
_OF_NOBODY = {"I02", "I03", "D07", "D08"}
_EUROS = {"budget", "subsidy", "paid", "declared"}
_TENTHS = 1e-6


@dataclass(frozen=True)
class Key:
    """A number: of which figure, and whether it is what it counts (`n`) or of what (`d`)."""

    code: str
    part: str
    level: str
    place: str
    side: str


@dataclass(frozen=True)
class Map:
    """What everybody knows of the programme: where each CPAS lies, who carries which project."""

    regions: Mapping[str, str]
    carriers: Mapping[str, Sequence[str]]


Row = dict[Key, int]
Numbers = dict[Key, int | None]


def numbers(figures: Iterable[Mapping[str, Any]]) -> Numbers:
    """The counts in figures as JSON; None where one is not told."""
    found: Numbers = {}
    for each in figures:
        by = dict(each["by"])
        level = next((name for name in LEVELS[1:] if name in by), "total")
        place = by.pop(level, "")
        part = next((f"{key}={value}" for key, value in by.items()), "")
        if each["code"] in _OF_NOBODY or part.removeprefix("measure=") in _EUROS:
            continue
        sides = {"n": each["numerator"], "d": each["denominator"]}
        if each["code"] == "I08" and part != "measure=median_per_woman":
            del sides["d"]
        if each["code"] in ("I06", "I13", "I14") or part in ("measure=median_per_woman", "measure=weeks_between"):
            del sides["n"]
        found |= {Key(each["code"], part, level, place, side): value for side, value in sides.items()}
    return found


@dataclass
class Attack:
    """Everything that can be said of the numbers of one publication.

    `told` are its numbers, `supported` the projects known to support somebody. `twice` gives what rows of figures of
    several places do not add up to, which only an insider knows.
    """

    told: Numbers
    map: Map
    supported: Iterable[str] = ()
    twice: Callable[[Row], int] = lambda _: 0
    equal: list[tuple[Row, int]] = field(default_factory=list)
    at_most: list[tuple[Row, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._parts: dict[tuple[str, str], None] = {(key.code, key.part): None for key in self.told}
        self._by_level: dict[tuple[str, str], dict[str, list[str]]] = {}
        for key in self.told:
            places = self._by_level.setdefault((key.code, key.part), {}).setdefault(key.level, [])
            if key.place not in places:
                places.append(key.place)
        for code, part in self._parts:
            for side in "nd":
                self._up_and_down(code, part, side)
        for level, place in dict.fromkeys((key.level, key.place) for key in self.told):
            self._at(level, place)
        for project in self.supported:
            self._less({Key("I01", "", "project", project, "n"): -1}, -1)
        self._solve()

    def range_of(self, row: Row) -> tuple[float, float]:
        """Between which whole numbers the row's sum must lie."""
        known = sum(times * value for key, times in row.items() if (value := self.told[key]) is not None)
        unknown = {key: times for key, times in row.items() if self.told[key] is None}
        if not unknown:
            return known, known
        groups = tuple(sorted({self._group[key] for key in unknown}))
        if groups not in self._systems:
            self._systems[groups] = self._system(groups)
        at, equal, values, rows, rooms = self._systems[groups]
        aim = np.zeros(len(at))
        for key, times in unknown.items():
            aim[at[key]] = times
        ends = []
        for sign in (1, -1):
            done = linprog(sign * aim, A_ub=rows, b_ub=rooms, A_eq=equal, b_eq=values, bounds=(0, None))
            assert done.status in (0, 3), f"what was published contradicts itself: {done.message}"
            ends.append(inf * -sign if done.status == 3 else sign * done.fun)
            if done.status == 0:
                self._points.setdefault(groups, []).append(done.x)
        low, high = ends
        return known + (low if low == -inf else ceil(low - _TENTHS)), known + (
            high if high == inf else floor(high + _TENTHS)
        )

    def seen(self, row: Row) -> tuple[float, float]:
        """How far the row's sum reached in the tables that she came upon so far: no less than its range."""
        known = sum(times * value for key, times in row.items() if (value := self.told[key]) is not None)
        unknown = {key: times for key, times in row.items() if self.told[key] is None}
        groups = tuple(sorted({self._group[key] for key in unknown}))
        points = self._points.get(groups)
        if not unknown or not points:
            return inf, -inf
        at = self._systems[groups][0]
        sums = [sum(times * point[at[key]] for key, times in unknown.items()) for point in points]
        return known + min(sums), known + max(sums)

    def _system(self, groups: Sequence[int]) -> tuple[dict[Key, int], Any, Any, Any, Any]:
        columns = [key for group in groups for key in self._members[group]]
        at = {key: number for number, key in enumerate(columns)}
        equal = self._matrix([row for g in groups for row in self._equal_of.get(g, ())], at)
        rows = self._matrix([row for g in groups for row in self._less_of.get(g, ())], at)
        return at, *equal, *rows

    def _up_and_down(self, code: str, part: str, side: str) -> None:
        places = self._by_level[code, part]
        for region in places.get("region", []):
            inside = [cpas for cpas, of in self.map.regions.items() if of == region]
            self._along(code, part, side, ("region", [region]), ("cpas", inside))
        self._along(code, part, side, ("total", [""]), ("region", places.get("region", [])))
        for cluster, projects in self._clusters():
            self._along(code, part, side, ("cpas", cluster), ("project", projects))
        for project, carriers in self.map.carriers.items():
            if len(carriers) == 1:
                self._compare(code, part, side, ("project", project), ("cpas", carriers[0]))

    def _along(
        self, code: str, part: str, side: str, whole: tuple[str, Sequence[str]], parts: tuple[str, Sequence[str]]
    ) -> None:
        above, below = (
            [key for place in places if (key := Key(code, part, level, place, side)) in self.told]
            for level, places in (whole, parts)
        )
        if above and below:
            row = dict.fromkeys(above, 1) | dict.fromkeys(below, -1)
            self.equal.append((row, self.twice(row)))

    def _compare(self, code: str, part: str, side: str, less: tuple[str, str], more: tuple[str, str]) -> None:
        one, other = Key(code, part, *less, side), Key(code, part, *more, side)
        if one in self.told and other in self.told:
            self.at_most.append(({one: 1, other: -1}, 0))

    def _clusters(self) -> Iterator[tuple[list[str], list[str]]]:
        left = sorted(self.map.regions)
        while left:
            cpas, projects = {left[0]}, set[str]()
            while True:
                projects |= {project for project, carriers in self.map.carriers.items() if cpas & set(carriers)}
                more = cpas | {each for project in projects for each in self.map.carriers[project]}
                if more == cpas:
                    break
                cpas = more
            left = [each for each in left if each not in cpas]
            yield sorted(cpas), sorted(projects)

    def _at(self, level: str, place: str) -> None:
        def n(code: str, part: str = "") -> Key:
            return Key(code, part, level, place, "n")

        def d(code: str, part: str = "") -> Key:
            return Key(code, part, level, place, "d")

        def parts(code: str, name: str) -> list[str]:
            return [part for of, part in self._parts if of == code and part.startswith(f"{name}=")]

        def same(one: Key, *others: Key) -> None:
            for other in others:
                self._equal({one: 1, other: -1})

        def adds_up(whole: Key, pieces: Iterable[Key]) -> None:
            self._equal({whole: 1} | dict.fromkeys(pieces, -1))

        for code, part in self._parts:
            if code not in ("I06", "I08", "I13", "I14") and part != "measure=mean_present":
                self._less({n(code, part): 1, d(code, part): -1}, 0)
        same(n("I01"), *(d("I13", f"measure={each}_per_woman") for each in ("paid", "declared")))
        same(d("I14"), *(d("I13", f"measure={each}_per_place") for each in ("paid", "declared")))
        same(d("I11"), d("I10"), *(d("I10", part) for part in parts("I10", "reason")), d("D02"))
        same(n("I11"), d("I15"), d("I11", "measure=employment_or_training"))
        same(n("I11"), *(d("I11", part) for part in parts("I11", "reason")))
        same(n("I15"), *(d("I15", part) for part in parts("I15", "situation")))
        same(d("I07"), *(d("I07", part) for part in parts("I07", "outcome")))
        same(n("I07"), n("I07", "outcome=reached"), *(d("I07", part) for part in parts("I07", "evidence")))
        same(n("I12"), *(d("I12", part) for part in parts("I12", "outcome")))
        same(d("I01"), *(d("D06", part) for part in parts("D06", "kind")))
        for part in parts("I10", "reason"):
            same(n("I10", part), n("I11", part))
        adds_up(n("I10"), (n("I10", part) for part in parts("I10", "reason")))
        adds_up(n("I11"), (n("I11", part) for part in parts("I11", "reason")))
        into_work = (n("I11", "reason=employment"), n("I11", "reason=training"))
        adds_up(n("I11", "measure=employment_or_training"), into_work)
        adds_up(n("I15"), (n("I15", part) for part in parts("I15", "situation")))
        adds_up(n("I07"), (n("I07", part) for part in parts("I07", "evidence")))
        adds_up(d("I07"), (n("I07", part) for part in parts("I07", "outcome")))
        adds_up(n("I12"), (n("I12", part) for part in parts("I12", "outcome")))
        for code in ("I07", "I12"):
            for side in (n, d):
                adds_up(side(code), (side(code, part) for part in parts(code, "domain")))
        for name in ("employment", "education", "age_band"):
            every = parts("I16", name)
            if every:
                same(d("I16", every[0]), *(d("I16", part) for part in every[1:]))
                adds_up(d("I16", every[0]), (n("I16", part) for part in every))
                self._less({d("I16", every[0]): 1, d("I01"): -1}, 0)
        if level in ("total", "project"):
            same(n("I09", "measure=mean_present"), n("I09", "measure=presence_rate"))
        women, supported, places, started = d("I01"), n("I01"), d("I11"), d("I14")
        for less, more in ((women, places), (supported, started), (started, places)):
            self._less({less: 1, more: -1}, 0)
        self._less({started: 1, supported: -1, places: -1, women: 1}, 0)
        self._less({d("I08", "measure=median_per_woman"): 1, supported: -1}, 0)
        self._less({n("I10"): 1, n("I11", "measure=employment_or_training"): 1, n("I11"): -1}, 0)
        self._less({d("I04"): 1, women: -1}, 0)
        for domain in ("finances", "social_support", "housing", "physical_health"):
            for side in (n, d):
                self._less({side("I05", f"domain={domain}"): 1, side("I04"): -1}, 0)
        for code in ("I05", "I06"):
            for part in parts(code, "domain"):
                self._less({d(code, part): 1, women: -1}, 0)

    def _equal(self, row: Row) -> None:
        # Of a figure that is not there nothing is known, and then nothing adds up.
        if all(key in self.told for key in row) and len(row) > 1:
            self.equal.append((row, 0))

    def _less(self, row: Row, room: int) -> None:
        if all(key in self.told for key in row):
            self.at_most.append((row, room))

    def _solve(self) -> None:
        """Put in what is told, and see which unknown numbers hang together."""
        unknown = [key for key, value in self.told.items() if value is None]
        at = {key: number for number, key in enumerate(unknown)}
        rest = []
        for rows in (self.equal, self.at_most):
            left = []
            for row, value in rows:
                known = sum(times * told for key, times in row.items() if (told := self.told[key]) is not None)
                left.append(({key: times for key, times in row.items() if key in at}, value - known))
            rest.append([each for each in left if each[0]])
        links = [(at[first], at[key]) for rows in rest for row, _ in rows for first in [next(iter(row))] for key in row]
        first, second = zip(*links, strict=True) if links else ((), ())
        graph = csr_array((np.ones(len(links)), (np.array(first, int), np.array(second, int))), shape=(len(at),) * 2)
        groups = connected_components(graph, directed=False)[1] if unknown else []
        self._group = {key: int(group) for key, group in zip(unknown, groups, strict=True)}
        self._members: dict[int, list[Key]] = {}
        for key, group in self._group.items():
            self._members.setdefault(group, []).append(key)
        self._points: dict[tuple[int, ...], list[Any]] = {}
        self._systems: dict[tuple[int, ...], tuple[dict[Key, int], Any, Any, Any, Any]] = {}
        self._equal_of: dict[int, list[tuple[Row, int]]] = {}
        self._less_of: dict[int, list[tuple[Row, int]]] = {}
        for rows, of in zip(rest, (self._equal_of, self._less_of), strict=True):
            for each in rows:
                of.setdefault(self._group[next(iter(each[0]))], []).append(each)

    @staticmethod
    def _matrix(rows: Sequence[tuple[Row, int]], at: Mapping[Key, int]) -> tuple[csr_array, Any]:
        entries = [(n, at[key], times) for n, (row, _) in enumerate(rows) for key, times in row.items()]
        i, j, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(rows), len(at))
        matrix = csr_array((np.array(values, float), (np.array(i, int), np.array(j, int))), shape=shape)
        return matrix, np.array([value for _, value in rows], float)
