"""Until when a request of a person must be answered: months (GDPR, art. 12(3)), counted after Regulation 1182/71.

The day of receipt is not counted, so the last day is the one of the same number, a month or three later; where that
month has no such day, its last one (art. 3(2)(c)). Where it is a Saturday, a Sunday or a public holiday, it is the next
day that is none (art. 3(4)). Holidays are the ten of Belgium's law of 4 January 1974: days on which only some offices
are closed would put a deadline off.
"""

import calendar
import datetime as dt
from functools import cache

MONTHS = 1
MONTHS_EXTENDED = 3  # one, and two further ones


def deadline(received_on: dt.date, months: int) -> dt.date:
    """The last day on which a request that came on `received_on` is answered in time."""
    day = months_after(received_on, months)
    while not is_working_day(day):
        day += dt.timedelta(1)
    return day


def months_after(day: dt.date, months: int) -> dt.date:
    """The day of the same number, `months` later; the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_working_day(day: dt.date) -> bool:
    """Whether a day is neither a Saturday, nor a Sunday, nor a public holiday in Belgium."""
    return day.weekday() < calendar.SATURDAY and day not in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[dt.date]:
    """The ten public holidays of a year in Belgium."""
    fixed = [(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)]
    # Easter Monday, Ascension, Whit Monday.
    after_easter = [easter(year) + dt.timedelta(days) for days in (1, 39, 50)]
    return frozenset([*(dt.date(year, month, day) for month, day in fixed), *after_easter])


def easter(year: int) -> dt.date:
    """Easter Sunday, by the anonymous Gregorian computus (Meeus, Astronomical Algorithms)."""
    cycle, (century, rest) = year % 19, divmod(year, 100)
    leaps, left = divmod(century, 4)
    moved = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * cycle + century - leaps - moved + 15) % 30
    quarter, odd = divmod(rest, 4)
    week = (32 + 2 * left + 2 * quarter - moon - odd) % 7
    late = (cycle + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)
