"""From tallies to figures: which figures there are, and the last arithmetic of each kind."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from miriam_reporting.indicators.definitions import Indicator, Section
from miriam_reporting.reports.model import LEVELS, Figure
from miriam_reporting.reports.numbers import rounded, square_root
from miriam_reporting.reports.tallies import Place, Tallies, Tally

_NOTHING = Tally()
_NORMAL = Fraction(196, 100)  # 1.96, the two-sided 95 % point of the normal distribution, as the rules have it


def figures(indicator: Indicator, tallies: Sequence[Tallies]) -> Iterator[Figure]:
    """Every figure of an indicator from the tallies of its sections, by level, level value and part.

    At the total all parts stand, also without rows; elsewhere at each value that holds a row of any of them.
    """
    places: set[Place] = {("total", "")}.union(*tallies)
    parts = [(section, categories(section, found)) for section, found in zip(indicator.sections, tallies, strict=True)]
    for level, value in sorted(places, key=lambda place: (LEVELS.index(place[0]), place[1])):
        for (section, names), found in zip(parts, tallies, strict=True):
            here = found.get((level, value), {})
            for category in names:
                yield figure(indicator, section, category, here, level, value)


def categories(section: Section, found: Tallies) -> tuple[str, ...]:
    """The categories that are parts of a section, in order; where the data tell them, those that the total holds."""
    if section.categories is not None:
        return section.categories
    return tuple(sorted(category for category, tally in found.get(("total", ""), {}).items() if category))


def figure(
    indicator: Indicator, section: Section, category: str, here: Mapping[str, Tally], level: str, value: str
) -> Figure:
    """The figure of one part at one place, `here` holding the place's tallies by category."""
    own = here.get(section.category_of_rows(category), _NOTHING)
    if section.membership == "shared":
        # A numerator of one part is a denominator of the others; a row without category stands in each.
        everywhere = here.get("", _NOTHING)
        own = Tally(
            numerators=own.numerators,
            units=sum(tally.units for tally in here.values()),
            excluded=everywhere.excluded,
        )
    by = {} if level == "total" else {level: value}
    if section.key:
        by[section.key] = category
    numerator, denominator, result = _arithmetic(section, own)
    return Figure(
        code=indicator.code,
        by=by,
        numerator=numerator,
        denominator=denominator,
        value=result,
        unit=section.unit,
        excluded=sorted(own.excluded.items()),
        detail=_spread(own) if section.kind == "paired" else None,
    )


def _arithmetic(section: Section, tally: Tally) -> tuple[int | None, int | None, int | str | None]:
    """Numerator, denominator and value, by kind (COUNTING.md, "Evidence and figures")."""
    match section.kind:
        case "share":
            share = rounded(Fraction(100 * tally.numerators, tally.units), 1) if tally.units else None
            return tally.numerators, tally.units, tally.numerators if section.value_is_numerator else share
        case "count":
            return tally.numerators, None, tally.numerators
        case "sum":
            value = tally.amount if section.divide == 1 else rounded(Fraction(tally.amount, section.divide), 2)
            return tally.amount, None, value
        case "per_unit":
            return tally.amount, tally.denominators, _mean(tally.amount, tally.denominators * section.divide)
        case "mean":
            return tally.amount, tally.numerators, _mean(tally.amount, tally.numerators * section.divide)
        case "median":
            middle = rounded(Fraction(sum(tally.middles), 2), 1) if tally.middles else None
            return None, tally.numerators, middle
        case "paired":
            change = tally.ends - tally.starts
            return change, tally.numerators, _mean(change, tally.numerators)


def _mean(amount: int, units: int) -> str | None:
    return rounded(Fraction(amount, units), 2) if units else None


def _spread(tally: Tally) -> dict[str, str | None]:
    """What I06 tells beside the mean change: both means, sample standard deviation, 95 % interval, effect size.

    The interval is mean -/+ 1.96 sd / sqrt(n); the effect size is Cohen's d of paired scores, mean change / sd.
    """
    n = tally.numerators
    found: dict[str, str | None] = dict.fromkeys(
        ("mean_start", "mean_end", "sd", "ci_low", "ci_high", "effect_size"), None
    )
    if not n:
        return found
    found["mean_start"], found["mean_end"] = _mean(tally.starts, n), _mean(tally.ends, n)
    if n < 2:
        return found
    change = tally.ends - tally.starts
    mean = Fraction(change, n)
    variance = (tally.squares - Fraction(change**2, n)) / (n - 1)
    half = _NORMAL * square_root(variance / n)
    found["sd"] = rounded(square_root(variance), 2)
    found["ci_low"], found["ci_high"] = rounded(mean - half, 2), rounded(mean + half, 2)
    if variance:
        found["effect_size"] = rounded(mean / square_root(variance), 2)
    return found
