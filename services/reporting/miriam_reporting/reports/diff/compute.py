"""Which figures changed between two positions: the reports of both sides tell.

Only those are looked into (`comparison.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports.compute import section_tallies
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.diff.comparison import compare, section_of
from miriam_reporting.reports.diff.model import Diff, Side
from miriam_reporting.reports.figures import figure, figures
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.snapshot import snapshot
from miriam_reporting.reports.tallies import Tallies, statements

Key = tuple[str, str, str, str]  # code, level, level value, part


def diff(
    connection: Connection,
    edition: str,
    before: int,
    after: int,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    definitions: tuple[Definitions, Definitions] | None = None,
    most: int | None = None,
) -> Diff:
    """Each figure of `edition` that is another at leaves 1..`after` than at 1..`before`, and why.

    `after` may lie before `before`: the same, turned round. `definitions` are those of each side;
    `most` units of a figure are listed, by their names, and all are counted.
    Needs a connection outside a transaction, and leaves it so. Raises UnknownEdition where the edition is not opened at
    one of the two, PositionBeyondHead, and DoesNotAddUp, which must not happen.
    """
    by_before, by_after = definitions or (current(), current())
    if before > after:
        turned = diff(connection, edition, after, before, levels, codes, (by_after, by_before), most)
        return Diff(edition, turned.after, turned.before, [changed.turned() for changed in turned.figures])
    sides = Side(before, by_before.name), Side(after, by_after.name)
    old = _told(connection, edition, before, levels, codes, by_before)
    new = _told(connection, edition, after, levels, codes, by_after)
    pairs = pairs_of(old, new)
    if not pairs:
        return Diff(edition, *sides, [])
    return Diff(edition, *sides, compare(connection, edition, (before, after), (by_before, by_after), pairs, most))


@dataclass(frozen=True, slots=True)
class Told:
    """What one side tells: its figures, and by code the tallies of each section."""

    definitions: Definitions
    figures: Mapping[Key, Figure]
    tallies: Mapping[str, Sequence[Tallies]]

    def figure(self, key: Key, other: Figure) -> Figure:
        """The figure; where the report has none, that of the rows there are: `other` has a part that data tell."""
        if found := self.figures.get(key):
            return found
        code, level, value, part = key
        section = section_of(self.definitions, code, part)
        if section is None:
            # These definitions have no such part: nothing, in the other side's unit.
            return replace(other, numerator=None, denominator=None, value=None, excluded=(), detail=None)
        here = self.tallies[code][self.definitions.indicators[code].sections.index(section)].get((level, value), {})
        return figure(code, section, part.partition("=")[2], here, level, value)


def _told(
    connection: Connection,
    edition: str,
    position: int,
    levels: Sequence[str],
    codes: Sequence[str] | None,
    by: Definitions,
) -> Told:
    wanted = (text for each in asked_of(by, codes) for text in statements(each))
    with snapshot(connection, edition, position, wanted, by.standing):
        return told(connection, position, levels, codes, by)


def asked_of(by: Definitions, codes: Sequence[str] | None) -> list[Indicator]:
    """The indicators that are asked for; all, where no codes are."""
    return [each for each in by.indicators.values() if codes is None or each.code in codes]


def told(
    connection: Connection, position: int, levels: Sequence[str], codes: Sequence[str] | None, by: Definitions
) -> Told:
    """What is told by what is laid out in the caller's snapshot, as of its position."""
    asked = asked_of(by, codes)
    tallied = tuple(dict.fromkeys(("total", *levels)))
    tallies = {each.code: section_tallies(connection, each, position, tallied) for each in asked}
    found = (f for each in asked for f in figures(each, tallies[each.code]) if f.level in levels)
    return Told(by, {_key(f): f for f in found}, tallies)


def pairs_of(old: Told, new: Told) -> list[tuple[Figure, Figure]]:
    """The figures that are not the same, in the order of reports."""
    return list(_pairs(old, new))


def _pairs(old: Told, new: Told) -> Iterator[tuple[Figure, Figure]]:
    # Indicators that the later side has no more come last.
    order = {code: number for number, code in enumerate(dict.fromkeys((*new.tallies, *old.tallies)))}
    for key in sorted({**new.figures, **old.figures}, key=lambda key: order[key[0]]):
        known = new.figures.get(key) or old.figures[key]
        one, other = old.figure(key, known), new.figure(key, known)
        if replace(one, by=other.by) != other:
            yield one, other


def _key(each: Figure) -> Key:
    return each.code, each.level, each.by.get(each.level, ""), each.part
