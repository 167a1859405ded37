"""What a unit contributes to a figure, from its own evidence rows at that place: the arithmetic of COUNTING.md by unit.

Numerators and denominators of every kind of figure are sums over units, so they come apart exactly.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from miriam_reporting.indicators.definitions import Kind, Section
from miriam_reporting.reports.diff.model import State
from miriam_reporting.reports.tallies import Place


class Row(NamedTuple):
    """One evidence row of a query."""

    unit: str
    category: str
    event_id: str
    position: int
    counted: str
    reason: str | None
    amount: int | None
    cpas: str | None
    project: str | None
    region: str | None

    def stands_at(self, place: Place) -> bool:
        """Whether the row counts at a level's value."""
        level, value = place
        return level == "total" or getattr(self, level) == value


def of_part(section: Section, category: str, rows: list[Row]) -> list[Row]:
    """The rows that belong to a part, each counted as it counts there."""
    if section.membership == "part":
        return rows
    if section.membership == "own":
        return [row for row in rows if row.category == category]
    # What counts in the numerator of another part counts in the denominator of this one.
    return [row if row.category in (category, "") else row._replace(counted="denominator") for row in rows]


def state(section: Section, rows: Sequence[Row]) -> State:
    """What one unit contributes, from its rows in a part at a place (`of_part`)."""
    if not rows:
        return _nothing(section.kind)
    above = [row for row in rows if row.counted == "numerator"]
    below = [row for row in rows if row.counted == "denominator"]
    counts = bool(above or below)
    excluded = () if counts else tuple(sorted({row.reason or "" for row in rows}))
    match section.kind:
        case "share":
            return State(int(bool(above)), int(counts), (), excluded)
        case "count":
            return State(int(bool(above)), None, (), excluded)
        case "sum":
            return State(_sum(above), None, (), excluded)
        case "per_unit":
            return State(_sum(above), int(bool(below)), (), excluded)
        case "mean":
            return State(next((row.amount or 0 for row in above), 0), int(bool(above)), (), excluded)
        case "median":
            return State(None, int(bool(above)), (_sum(above),) if above else (), excluded)
        case "paired":
            scores = {row.reason: row.amount or 0 for row in above}
            pair = (scores["start"], scores["end"]) if above else ()
            return State(pair[1] - pair[0] if pair else 0, int(bool(pair)), pair, excluded)


@cache
def _nothing(kind: Kind) -> State:
    """What a unit contributes that has no rows."""
    match kind:
        case "count" | "sum":
            return State(0, None)
        case "median":
            return State(None, 0)
        case _:
            return State(0, 0)


def _sum(rows: Iterable[Row]) -> int:
    # Each event of a unit once, however many rows show it.
    return sum({row.event_id: row.amount or 0 for row in rows}.values())
