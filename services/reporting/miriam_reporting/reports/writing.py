"""Figures straight into the text that `report --json` prints, by indicator and level: fast enough for very many.

A report of a large edition has hundreds of thousands of figures, but few different ones: what a figure says beside the
place that it is of is written once for all that say the same. The words are those of `Figure.as_json`, and that both
ways give the same text is a test.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import orjson

from miriam_reporting.indicators.definitions import Indicator, Kind, Section
from miriam_reporting.reports.figures import NOTHING, categories, figure_of, of_parts
from miriam_reporting.reports.model import LEVELS, Overlap
from miriam_reporting.reports.overlaps import OF_UNITS
from miriam_reporting.reports.tallies import Tallies, Tally

_BY = '"by":{}'
_PLACE = "\0"
# What of a tally its figure is computed from, by kind; what was left out is told too.
_COUNTS: Mapping[Kind, tuple[str, ...]] = {
    "share": ("numerators", "units"),
    "count": ("numerators",),
    "sum": ("amount",),
    "per_unit": ("amount", "denominators"),
    "mean": ("amount", "numerators"),
    "median": ("numerators", "middles"),
    "paired": ("numerators", "amount", "starts", "squares"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """The figures of one indicator at one level, and its overlaps there, each as JSON objects joined by commas."""

    code: str
    level: str
    figures: str
    overlaps: str


@dataclass(slots=True)
class _Said:
    """What a figure says beside its place: the text before and after it, and what overlaps are counted from."""

    before: str
    after: str
    numerator: int
    denominator: int
    has_denominator: bool


class _Part:
    """The parts of one section, and what was said already in figures of it."""

    def __init__(self, code: str, section: Section, found: Tallies) -> None:
        self.section = section
        self.found = found
        self.names = categories(section, found)
        self.by = [{section.key: name} if section.key else {} for name in self.names]
        self.by_text = [_text(by)[1:-1] for by in self.by]
        self.counts_units = section.kind in OF_UNITS
        self._code = code
        self._key: Callable[[Tally], object] = attrgetter(*_COUNTS[section.kind])
        self._said: dict[object, _Said] = {}
        self.nothing = self.say(NOTHING)
        # What it says at a place of which it has no rows; the place is put in the mark's place.
        self.of_no_rows = ",".join(
            f"{self.nothing.before}{_PLACE}{',' if by else ''}{by}{self.nothing.after}" for by in self.by_text
        )

    def say(self, tally: Tally) -> _Said:
        """What a figure with this tally says."""
        key = self._key(tally)
        if tally.excluded:
            key = (key, tuple(tally.excluded.items()))
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = self._say(tally)
        return said

    def _say(self, tally: Tally) -> _Said:
        figure = figure_of(self._code, self.section, tally, {})
        before, _, after = _text(figure.as_json()).partition(_BY)
        has_denominator = figure.denominator is not None
        return _Said(before + '"by":{', "}" + after, figure.numerator or 0, figure.denominator or 0, has_denominator)


def written(indicator: Indicator, tallies: Sequence[Tallies], levels: Sequence[str] = LEVELS) -> Iterator[Written]:
    """What an indicator's tallies come to at each of the levels, in the order of LEVELS. The total is among them."""
    parts = [_Part(indicator.code, section, found) for section, found in zip(indicator.sections, tallies, strict=True)]
    values: dict[str, set[str]] = {level: set() for level in LEVELS}
    values["total"].add("")
    for found in tallies:
        for level, value in found:
            values[level].add(value)
    totals = [[part.say(tally) for tally in of_parts(part.section, part.names, _at(part, "total", ""))]
              for part in parts]  # fmt: skip
    for level in (level for level in LEVELS if level in levels):
        texts: list[str] = []
        numerators = [[-said.numerator for said in row] for row in totals]
        denominators = [[-said.denominator for said in row] for row in totals]
        for value in sorted(values[level]):
            place = "" if level == "total" else _text({level: value})[1:-1]
            for number, part in enumerate(parts):
                here = _at(part, level, value)
                if not here and place:
                    # Nothing to add up either: without rows, numerator and denominator are 0.
                    if part.names:
                        texts.append(part.of_no_rows.replace(_PLACE, place))
                    continue
                mine, theirs = numerators[number], denominators[number]
                for turn, tally in enumerate(of_parts(part.section, part.names, here)):
                    by = part.by_text[turn]
                    said = part.nothing if tally is NOTHING else part.say(tally)
                    mine[turn] += said.numerator
                    theirs[turn] += said.denominator
                    comma = "," if place and by else ""
                    texts.append(f"{said.before}{place}{comma}{by}{said.after}")
        over = [] if level == "total" or not values[level] else _overlaps(
            indicator.code, level, parts, totals, numerators, denominators
        )  # fmt: skip
        yield Written(indicator.code, level, ",".join(texts), ",".join(over))


def _overlaps(
    code: str,
    level: str,
    parts: Sequence[_Part],
    totals: Sequence[Sequence[_Said]],
    numerators: Sequence[Sequence[int]],
    denominators: Sequence[Sequence[int]],
) -> Iterator[str]:
    for number, part in enumerate(parts):
        if not part.counts_units:
            continue
        for turn, name in enumerate(part.names):
            numerator, denominator = numerators[number][turn], denominators[number][turn]
            if numerator or denominator:
                counted = denominator if totals[number][turn].has_denominator else None
                yield _text(Overlap(code, level, part.section.part(name), part.by[turn], numerator, counted).as_json())


def _at(part: _Part, level: str, value: str) -> Mapping[str, Tally]:
    return part.found.get((level, value), {})


def _text(value: object) -> str:
    return orjson.dumps(value).decode()
