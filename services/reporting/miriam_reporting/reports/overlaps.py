"""What is counted at more than one place: a woman who moved counts in each CPAS that supported her, once in the total.

For counts and shares, the overlap is the sum over the figures of a level less that of the total: whoever adds up the
rows of a table sees why they exceed the total.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports.model import LEVELS, Figure, Overlap

OF_UNITS = ("share", "count")


def overlaps(figures: Sequence[Figure], indicators: Mapping[str, Indicator]) -> list[Overlap]:
    """The overlaps that are not nothing, by code, level and part, in the order of the figures."""
    totals = {(f.code, f.part): f for f in figures if f.level == "total"}
    numerators: Counter[tuple[str, str, str]] = Counter()
    denominators: Counter[tuple[str, str, str]] = Counter()
    for figure in figures:
        if figure.level != "total" and indicators[figure.code].section_of(figure.part).kind in OF_UNITS:
            key = (figure.code, figure.level, figure.part)
            numerators[key] += figure.numerator or 0
            denominators[key] += figure.denominator or 0
    found = []
    for code, level, part in numerators:
        total = totals[code, part]
        numerator = numerators[code, level, part] - (total.numerator or 0)
        denominator = denominators[code, level, part] - (total.denominator or 0)
        if numerator or denominator:
            below = {key: value for key, value in total.by.items() if key not in LEVELS}
            counted = None if total.denominator is None else denominator
            found.append(Overlap(code, level, part, below, numerator, counted))
    return found
