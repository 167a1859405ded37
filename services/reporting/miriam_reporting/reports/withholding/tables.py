"""The tables of a publication as one linear system: counts, what adds up to what, what cannot exceed what.

A relation is kept as what it says of changes: whatever the counts are, a change of them that keeps every sum must add
up to nothing along it. So the public is taken to know what is counted twice, though it is not told that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding import counts as of
from miriam_reporting.reports.withholding.counts import Count, Counts
from miriam_reporting.reports.withholding.places import Places
from miriam_reporting.reports.withholding.rules import THRESHOLD, in_the_tables, shows_denominator

Terms = Mapping[Count, int]

# Women who had an end assessment are women enrolled; likewise in each of these.
_OF_WOMEN = ("I04", "I05", "I06")
_PERSONAL = ("finances", "social_support", "housing", "physical_health")
_NO_MORE_THAN = (
    (of.SUPPORTED, of.WOMEN),
    (of.WOMEN, of.PLACES),
    (of.SUPPORTED, of.PLACES_SUPPORTED),
    (of.PLACES_SUPPORTED, of.PLACES),
    (of.MEDIAN_WOMEN, of.SUPPORTED),
    ("women: employment", of.WOMEN),
    ("women: education", of.WOMEN),
    ("women: age", of.WOMEN),
    ("women assessed", of.WOMEN),
)


def name_of(figure: Figure) -> str:
    """The name of a figure: its code, its place, its part, in whatever order `by` was read."""
    place = () if figure.level == "total" else (f"{figure.level}={figure.by[figure.level]}",)
    return " ".join((figure.code, *place, *((figure.part,) if figure.part else ())))


@dataclass(slots=True)
class Tables:
    """The figures of the public's tables and their counts.

    `equal`: terms that add up to what they add up to now, whatever the counts are. `at_most`: terms whose sum may
    grow by so much. `least`, `most`: what everybody knows that a count cannot be below, or above.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    counts_of: dict[str, Counts] = field(default_factory=dict)
    values: dict[Count, int] = field(default_factory=dict)
    shown_by: dict[Count, list[str]] = field(default_factory=dict)
    equal: list[Terms] = field(default_factory=list)
    at_most: list[tuple[Terms, int]] = field(default_factory=list)
    least: dict[Count, int] = field(default_factory=dict)
    most: dict[Count, int] = field(default_factory=dict)

    def women(self, level: str, value: str) -> int | None:
        """How many women are enrolled at a place."""
        return self.values.get(Count(of.WOMEN, level, value))


def tables(figures: Sequence[Figure], places: Places, indicators: Mapping[str, Indicator]) -> Tables:
    """The linear system of a publication's figures."""
    found = Tables()
    for figure in figures:
        if in_the_tables(figure):
            _add(found, figure, of.counts_of(figure, indicators))
    concepts: dict[str, dict[tuple[str, str], int]] = {}
    for count, value in found.values.items():
        concepts.setdefault(count.concept, {})[count.level, count.value] = value
    for concept, at in concepts.items():
        _along_places(found, concept, at, places)
    spots = {(count.level, count.value) for count in found.values}
    for level, place in sorted(spots):
        _at_a_place(found, level, place, of.sums([*concepts]))
    for name, counts in found.counts_of.items():
        if counts.numerator and counts.denominator and indicators[found.figures[name].code].section_of(
            found.figures[name].part
        ).kind == "share":  # fmt: skip
            _at_most(found, {counts.numerator: 1, counts.denominator: -1})
    _known_bounds(found, figures)
    return found


def _add(found: Tables, figure: Figure, counts: Counts) -> None:
    name = name_of(figure)
    found.figures[name], found.counts_of[name] = figure, counts
    for count, value, shown in (
        (counts.numerator, figure.numerator, True),
        (counts.denominator, figure.denominator, shows_denominator(figure.code)),
    ):
        if count is not None and value is not None:
            found.values[count] = value
            found.shown_by.setdefault(count, []).extend([name] if shown else [])


def _along_places(found: Tables, concept: str, at: Mapping[tuple[str, str], int], places: Places) -> None:
    by_level: dict[str, list[str]] = {}
    for level, value in at:
        by_level.setdefault(level, []).append(value)

    def here(level: str, values: Sequence[str], times: int) -> dict[Count, int]:
        return {Count(concept, level, value): times for value in values if (level, value) in at}

    groups = [(here("total", [""], 1), here("region", by_level.get("region", []), -1))]
    for region in by_level.get("region", []):
        inside = [cpas for cpas, of_region in places.regions.items() if of_region == region]
        groups.append((here("region", [region], 1), here("cpas", inside, -1)))
    for cluster, projects in places.clusters():
        groups.append((here("cpas", cluster, 1), here("project", projects, -1)))
        if len(cluster) > 1 and "project" in by_level:
            _in_a_cluster(found, concept, at, places, cluster, projects)
    for whole, parts in groups:
        if whole and parts:
            found.equal.append({**whole, **parts})
            if _sum(found, {**whole, **parts}) != 0 and len(whole) == 1:
                for part in parts:
                    _at_most(found, {part: 1, **dict.fromkeys(whole, -1)})


def _in_a_cluster(
    found: Tables,
    concept: str,
    at: Mapping[tuple[str, str], int],
    places: Places,
    cluster: Sequence[str],
    projects: Sequence[str],
) -> None:
    """What is known of CPAS that carry a project together, though nobody is told who counts where."""
    for cpas in cluster:
        mine = places.projects(cpas)
        alone = [Count(concept, "project", each) for each in mine if len(places.carriers[each]) == 1]
        counts = [Count(concept, "project", each) for each in mine if ("project", each) in at]
        if ("cpas", cpas) not in at:
            continue
        whole = Count(concept, "cpas", cpas)
        _at_most(found, {whole: 1, **dict.fromkeys(counts, -1)})
        _at_most(found, {whole: -1, **{each: 1 for each in alone if each in found.values}})
    for project in projects:
        if ("project", project) in at:
            carriers = [Count(concept, "cpas", each) for each in places.carriers[project] if ("cpas", each) in at]
            _at_most(found, {Count(concept, "project", project): 1, **dict.fromkeys(carriers, -1)})


def _at_a_place(found: Tables, level: str, value: str, sums: Sequence[tuple[str, Sequence[str]]]) -> None:
    def known(concepts: Sequence[str]) -> Iterator[Count]:
        return (count for concept in concepts if (count := Count(concept, level, value)) in found.values)

    for whole, parts in sums:
        terms = {**dict.fromkeys(known([whole]), 1), **dict.fromkeys(known(parts), -1)}
        if len(terms) > 1 and Count(whole, level, value) in terms:
            found.equal.append(terms)
    for less, more in _NO_MORE_THAN:
        _at_most(found, {**dict.fromkeys(known([less]), 1), **dict.fromkeys(known([more]), -1)}, 2)
    # Who has a second place that is supported has a second place.
    _at_most(
        found,
        {
            **dict.fromkeys(known([of.PLACES_SUPPORTED, of.WOMEN]), 1),
            **dict.fromkeys(known([of.SUPPORTED, of.PLACES]), -1),
        },
        4,
    )
    # Who left for another reason had completed it.
    _at_most(
        found,
        {**dict.fromkeys(known([of.DROP_OUTS, of.INTO_WORK]), 1), **dict.fromkeys(known([of.EXITS]), -1)},
        3,
    )
    # I04 is of who did better in one of four domains of I05, or answered in one.
    for side in ("numerator", "denominator"):
        whole, parts = f"I04   {side}", [f"I05 domain {domain} {side}" for domain in _PERSONAL]
        for part in parts:
            _at_most(found, {**dict.fromkeys(known([part]), 1), **dict.fromkeys(known([whole]), -1)}, 2)
        _at_most(found, {**dict.fromkeys(known([whole]), 1), **dict.fromkeys(known(parts), -1)}, 1 + len(parts))
    if level in ("total", "project"):
        # A session's group and its women differ in their CPAS alone.
        terms = {**dict.fromkeys(known([of.BY_GROUP]), 1), **dict.fromkeys(known([of.BY_WOMAN]), -1)}
        if len(terms) == 2:
            found.equal.append(terms)


def _known_bounds(found: Tables, figures: Sequence[Figure]) -> None:
    for figure in figures:
        place = (figure.level, figure.by.get(figure.level, ""))
        count = Count(of.SUPPORTED, *place)
        if figure.code == "I02" and figure.numerator and count in found.values:
            found.least[count] = 1
    for name, counts in found.counts_of.items():
        women = counts.denominator and found.women(counts.denominator.level, counts.denominator.value)
        # Of a place with fewer women nobody is told how many there are.
        if found.figures[name].code in _OF_WOMEN and counts.denominator and (women or 0) >= THRESHOLD:
            assert women is not None
            found.most[counts.denominator] = max(women, found.values[counts.denominator])


def _at_most(found: Tables, terms: Terms, needed: int = 1) -> None:
    """That the terms add up to 0 at most; where the figures themselves do not say so, nobody can rely on it."""
    room = -_sum(found, terms)
    if room >= 0 and len(terms) >= needed:
        found.at_most.append((terms, room))


def _sum(found: Tables, terms: Terms) -> int:
    return sum(found.values[count] * times for count, times in terms.items())
