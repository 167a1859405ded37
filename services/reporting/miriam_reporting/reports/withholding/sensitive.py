"""Which counts of a publication are small, and what may be known of each of them at most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from miriam_contracts.instruments import INSTRUMENTS
from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding import counts as of
from miriam_reporting.reports.withholding import rules
from miriam_reporting.reports.withholding.counts import Count
from miriam_reporting.reports.withholding.places import Places
from miriam_reporting.reports.withholding.tables import Tables, Terms


@dataclass(frozen=True, slots=True)
class Guarded:
    """A count, or a difference of counts, that nobody may work out: `terms` added up make `value`.

    `width` is how wide its range must be; where `is_small` the range must reach from 1 or less to the threshold.
    `figures` show it, so they are withheld whatever else is.
    """

    terms: Terms
    value: int
    width: int
    is_small: bool
    figures: tuple[str, ...] = ()


def guarded(found: Tables, indicators: Mapping[str, Indicator], places: Places) -> list[Guarded]:
    """Every small count of the tables, in the order of the figures."""
    every: dict[tuple[tuple[Count, int], ...], Guarded] = {}
    for name, figure in found.figures.items():
        for each in _of_figure(found, name, figure, indicators[figure.code]):
            known = every.get(tuple(each.terms.items()))
            figures = tuple(dict.fromkeys((*(known.figures if known else ()), *each.figures)))
            width = max(each.width, known.width if known else 0)
            small = each.is_small or bool(known and known.is_small)
            every[tuple(each.terms.items())] = Guarded(each.terms, each.value, width, small, figures)
    for each in _in_shared_projects(found, places):
        every.setdefault(tuple(each.terms.items()), each)
    return [*every.values()]


def _of_figure(found: Tables, name: str, figure: Figure, indicator: Indicator) -> Iterator[Guarded]:
    counts = found.counts_of[name]
    kind = indicator.section_of(figure.part).kind
    part = figure.by.get(figure.level, "")
    for count in counts:
        if count is None:
            continue
        value = found.values[count]
        if 0 < value < rules.THRESHOLD:
            yield _small({count: 1}, value, found)
        elif value and _few_stand_behind(found, figure.level, part):
            yield _amount({count: 1}, value, found, figure)
    numerator, denominator = counts
    if kind == "share" and numerator and denominator:
        yield from _of_share(found, numerator, denominator, rules.is_percentage(figure), name)
    if kind == "paired" and denominator and figure.detail and found.values[denominator]:
        scale = INSTRUMENTS.values()
        lowest, highest = min(each.lowest for each in scale), max(each.highest for each in scale)
        if rules.tells_everybody(figure.detail, lowest, highest):
            yield _amount({denominator: 1}, found.values[denominator], found, figure)


def _of_share(found: Tables, numerator: Count, denominator: Count, percentage: bool, name: str) -> Iterator[Guarded]:
    counted, all_units = found.values[numerator], found.values[denominator]
    rest = all_units - counted
    if percentage and all_units and counted == 0:
        yield _small({numerator: 1}, 0, found)
    if 0 < rest < rules.THRESHOLD or (percentage and all_units and rest == 0):
        shown = (name,) if name in found.shown_by[denominator] else ()
        yield Guarded({denominator: 1, numerator: -1}, rest, rules.WIDTH, True, shown)


def _few_stand_behind(found: Tables, level: str, value: str) -> bool:
    """Whether so few women are enrolled at a place, or had a session, that all that is told there is of few."""
    here = (found.values.get(Count(concept, level, value), 0) for concept in (of.WOMEN, of.MEDIAN_WOMEN))
    return any(0 < women < rules.THRESHOLD for women in here)


def _in_shared_projects(found: Tables, places: Places) -> Iterator[Guarded]:
    """What a CPAS counts in the projects that it shares: no figure, but the difference of figures."""
    sharing = {
        cpas: [project for project in places.projects(cpas) if len(places.carriers[project]) == 1]
        for project, carriers in places.carriers.items()
        if len(carriers) > 1
        for cpas in carriers
    }

    told = {count.concept for count in found.values if count.level == "project"}

    def told_by_project(name: str) -> bool:
        return all(count.concept in told for count in found.counts_of[name] if count is not None)

    def rest(count: Count) -> tuple[Terms, int]:
        own = (Count(count.concept, "project", project) for project in sharing[count.value])
        terms = {count: 1, **{each: -1 for each in own if each in found.values}}
        return terms, sum(found.values[each] * times for each, times in terms.items())

    for name, figure in found.figures.items():
        numerator, denominator = found.counts_of[name]
        if figure.level != "cpas" or not sharing.get(figure.by["cpas"]) or not told_by_project(name):
            continue
        known = [rest(each) for each in (numerator, denominator) if each is not None]
        if numerator and denominator and known[1][1] >= known[0][1]:
            both = {**known[1][0]}
            for count, times in known[0][0].items():
                both[count] = both.get(count, 0) - times
            known.append((both, known[1][1] - known[0][1]))
        for turn, (terms, value) in enumerate(known):
            everybody = turn != 1 and len(known) == 3 and value == 0 and known[1][1] > 0
            if 0 < value < rules.THRESHOLD or (everybody and rules.is_percentage(figure)):
                yield Guarded(terms, value, rules.WIDTH, True)


def _small(terms: Terms, value: int, found: Tables) -> Guarded:
    return Guarded(terms, value, rules.WIDTH, True, _showing(terms, found))


def _amount(terms: Terms, value: int, found: Tables, figure: Figure) -> Guarded:
    least = rules.MINUTES if figure.unit == "hours" else rules.WIDTH
    width = max(least, -(-value // rules.SHARE_OF_AMOUNT))
    return Guarded(terms, value, width, False, _showing(terms, found))


def _showing(terms: Terms, found: Tables) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for count in terms for name in found.shown_by[count]))
