"""Which figures changed between two positions: the reports of both sides tell.

Only those are looked into (`comparison.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.diff.comparison import compare, section_of
from miriam_reporting.reports.diff.model import Diff, Side
from miriam_reporting.reports.figures import figure
from miriam_reporting.reports.model import Figure

Key = tuple[str, str, str, str]  # code, level, level value, part


def diff(
    connection: Connection,
    edition: str,
    before: int,
    after: int,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    definitions: tuple[Definitions, Definitions] | None = None,
) -> Diff:
    """Each figure of `edition` that is another at leaves 1..`after` than at 1..`before`, and why.

    `after` may lie before `before`: the same, turned round. `definitions` are those of each side.
    Needs a connection outside a transaction, and leaves it so. Raises UnknownEdition where the edition is not opened at
    one of the two, PositionBeyondHead, and DoesNotAddUp, which must not happen.
    """
    by_before, by_after = definitions or (current(), current())
    if before > after:
        turned = diff(connection, edition, after, before, levels, codes, (by_after, by_before))
        return Diff(edition, turned.after, turned.before, [changed.turned() for changed in turned.figures])
    sides = Side(before, by_before.name), Side(after, by_after.name)
    reports = [
        compute(connection, edition, position, levels, codes, by)
        for position, by in ((before, by_before), (after, by_after))
    ]
    pairs = list(_pairs([report.figures for report in reports], (by_before, by_after)))
    if not pairs:
        return Diff(edition, *sides, [])
    return Diff(edition, *sides, compare(connection, edition, (before, after), (by_before, by_after), pairs))


def _pairs(
    figures: Sequence[Sequence[Figure]], definitions: tuple[Definitions, Definitions]
) -> Iterator[tuple[Figure, Figure]]:
    """The figures that are not the same, in the order of reports; one that a side lacks is that of no rows."""
    old, new = ({_key(each): each for each in side} for side in figures)
    # The later report's order, with those that it has no more at the end of their indicator.
    order = {code: number for number, code in enumerate([*definitions[1].indicators, *definitions[0].indicators])}
    keys = sorted({**new, **old}, key=lambda key: order[key[0]])
    for key in keys:
        one = old.get(key) or _empty(key, definitions[0], new)
        other = new.get(key) or _empty(key, definitions[1], old)
        if replace(one, by=other.by) != other:
            yield one, other


def _key(each: Figure) -> Key:
    return each.code, each.level, each.by.get(each.level, ""), each.part


def _empty(key: Key, definitions: Definitions, other: Mapping[Key, Figure]) -> Figure:
    code, level, value, part = key
    section = section_of(definitions, code, part)
    if section is None:
        # A part that these definitions do not have: nothing, in the other side's unit.
        return replace(other[key], numerator=None, denominator=None, value=None, excluded=(), detail=None)
    return figure(code, section, part.partition("=")[2], {}, level, value)
