"""From tallies to figures: which figures there are, and the last arithmetic of each kind."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from miriam_reporting.indicators.definitions import Indicator, Section
from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.numbers import ratio, rounded, square_root
from miriam_reporting.reports.tallies import Place, Tallies, Tally, together

NOTHING = Tally()
_NORMAL = Fraction(196, 100)  # 1.96, the two-sided 95 % point of the normal distribution, as the rules have it
_SPREAD = ("mean_start", "mean_end", "sd", "ci_low", "ci_high", "effect_size")


def figures(indicator: Indicator, tallies: Sequence[Tallies]) -> Iterator[Figure]:
    """Every figure of an indicator from the tallies of its sections, by level, level value and part.

    At the total all parts stand, also without rows; elsewhere at each value that holds a row of any of them.
    """
    places: set[Place] = {("total", "")}.union(*tallies)
    groups = [
        (section, found, categories(section, found)) for section, found in zip(indicator.sections, tallies, strict=True)
    ]
    for level, value in sorted(places, key=lambda place: (LEVELS.index(place[0]), place[1])):
        for section, found, names in groups:
            here = found.get((level, value), {})
            for category in names:
                yield figure(indicator.code, section, category, here, level, value)


def categories(section: Section, found: Tallies) -> tuple[str, ...]:
    """The categories that are parts of a section, in order; where the data tell them, those that the total holds."""
    if section.categories is not None:
        return section.categories
    return tuple(sorted(filter(None, found.get(("total", ""), {}))))


def figure(code: str, section: Section, category: str, here: Mapping[str, Tally], level: str, value: str) -> Figure:
    """The figure of one part at one place, `here` holding the place's tallies by category."""
    by = {} if level == "total" else {level: value}
    if section.key:
        by[section.key] = category
    return figure_of(code, section, next(of_parts(section, (category,), here)), by)


def figure_of(code: str, section: Section, tally: Tally, by: Mapping[str, str]) -> Figure:
    """The figure that a tally comes to."""
    numerator, denominator, result = _arithmetic(section, tally)
    return Figure(
        code=code,
        by=by,
        numerator=numerator,
        denominator=denominator,
        value=result,
        unit=section.unit,
        excluded=sorted(tally.excluded.items()),
        detail=_spread(tally) if section.kind == "paired" else None,
    )


def of_parts(section: Section, names: Sequence[str], here: Mapping[str, Tally]) -> Iterator[Tally]:
    """The tally of each part that is named, at one place, `here` holding the place's tallies by category."""
    match section.membership:
        case "own":
            for category in names:
                yield here.get(category, NOTHING)
        case "part":
            for _ in names:
                yield together(here.values()) if len(here) > 1 else next(iter(here.values()), NOTHING)
        case "shared":
            # A numerator of one part is a denominator of the others; a row without category stands in each.
            units = sum(tally.units for tally in here.values())
            excluded = here[""].excluded if "" in here else {}
            for category in names:
                numerators = here[category].numerators if category in here else 0
                yield Tally(numerators=numerators, units=units, excluded=excluded)


def _arithmetic(section: Section, tally: Tally) -> tuple[int | None, int | None, int | str | None]:
    """Numerator, denominator and value, by kind (COUNTING.md, "Evidence and figures")."""
    match section.kind:
        case "share":
            if section.value_is_numerator:
                return tally.numerators, tally.units, tally.numerators
            return tally.numerators, tally.units, _over(100 * tally.numerators, tally.units, 1)
        case "count":
            return tally.numerators, None, tally.numerators
        case "sum":
            return tally.amount, None, tally.amount if section.divide == 1 else ratio(tally.amount, section.divide, 2)
        case "per_unit":
            return tally.amount, tally.denominators, _over(tally.amount, tally.denominators * section.divide, 2)
        case "mean":
            return tally.amount, tally.numerators, _over(tally.amount, tally.numerators * section.divide, 2)
        case "median":
            return None, tally.numerators, ratio(sum(tally.middles), 2, 1) if tally.middles else None
        case "paired":
            change = tally.amount - tally.starts
            return change, tally.numerators, _over(change, tally.numerators, 2)


def _over(numerator: int, denominator: int, places: int) -> str | None:
    return ratio(numerator, denominator, places) if denominator else None


def _spread(tally: Tally) -> dict[str, str | None]:
    """What I06 tells beside the mean change: both means, sample standard deviation, 95 % interval, effect size.

    The interval is mean -/+ 1.96 sd / sqrt(n); the effect size is Cohen's d of paired scores, mean change / sd.
    """
    n = tally.numerators
    found: dict[str, str | None] = dict.fromkeys(_SPREAD)
    if not n:
        return found
    found["mean_start"], found["mean_end"] = ratio(tally.starts, n, 2), ratio(tally.amount, n, 2)
    if n < 2:
        return found
    change = tally.amount - tally.starts
    mean, variance = Fraction(change, n), Fraction(n * tally.squares - change**2, n * (n - 1))
    half, deviation = _NORMAL * square_root(variance / n), square_root(variance)
    found["sd"] = rounded(deviation, 2)
    found["ci_low"], found["ci_high"] = rounded(mean - half, 2), rounded(mean + half, 2)
    if variance:
        found["effect_size"] = rounded(mean / deviation, 2)
    return found
