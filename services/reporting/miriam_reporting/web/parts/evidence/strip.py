"""A strip of time: a lane for each kind of fact, a mark for each day on which there was one. Drawn by the template."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from babel.dates import format_date

from miriam_reporting.web.languages import Format

WIDTH = 900
_LEFT, _LANE, _TOP = 190, 30, 34
# Marks of months stand no closer than this, so that their names do not meet.
_CLOSEST = 62


@dataclass(frozen=True, slots=True)
class Mark:
    """A day in a lane; hollow: something that did not take place."""

    on: dt.date
    lane: str
    hollow: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """What the template draws: coordinates within `width` and `height`."""

    width: int
    height: int
    left: int
    lanes: Sequence[tuple[str, int]]
    months: Sequence[tuple[str, int]]
    dots: Sequence[tuple[int, int, bool]]


def strip(marks: Sequence[Mark], lanes: Sequence[str], language: str) -> Strip:
    """The strip from the first day to the last. `marks` holds one or more; lanes without any are left out."""
    first, last = min(mark.on for mark in marks), max(mark.on for mark in marks)
    days = max(1, (last - first).days)
    used = [lane for lane in lanes if any(mark.lane == lane for mark in marks)]
    rows = {lane: _TOP + _LANE * number + _LANE // 2 for number, lane in enumerate(used)}

    def across(day: dt.date) -> int:
        return _LEFT + 8 + round((WIDTH - _LEFT - 16) * (day - first).days / days)

    return Strip(
        WIDTH,
        _TOP + _LANE * len(used) + 6,
        _LEFT,
        list(rows.items()),
        _apart([(name, across(day)) for day, name in _months(first, last, language)]),
        sorted({(across(mark.on), rows[mark.lane], mark.hollow) for mark in marks}),
    )


def _months(first: dt.date, last: dt.date, language: str) -> Iterator[tuple[dt.date, str]]:
    locale = Format(language).locale
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day, format_date(day, "MMM yy", locale=locale)
        day = (day + dt.timedelta(days=32)).replace(day=1)


def _apart(named: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    kept: list[tuple[str, int]] = []
    for name, at in named:
        if at <= WIDTH - _CLOSEST // 2 and (not kept or at - kept[-1][1] >= _CLOSEST):
            kept.append((name, at))
    return kept
