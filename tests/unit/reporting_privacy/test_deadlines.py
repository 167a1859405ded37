"""A month is counted as Regulation 1182/71 says, by Belgium's calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from dateutil.easter import easter as easter_of_dateutil

from miriam_reporting.privacy.deadlines import deadline, easter, holidays, is_working_day, months_after

day = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("received", "months", "last"),
    [
        ("2024-03-05", 1, "2024-04-05"),  # a Friday
        ("2024-01-31", 1, "2024-02-29"),  # a leap year's February has no 31st
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-08-31", 1, "2023-10-02"),  # 30 September is a Saturday
        ("2024-02-29", 1, "2024-03-29"),  # Good Friday is no public holiday in Belgium
        ("2024-03-01", 1, "2024-04-02"),  # 1 April is Easter Monday
        ("2024-04-01", 1, "2024-05-02"),  # Labour Day
        ("2024-04-09", 1, "2024-05-10"),  # Ascension; the Friday behind it is a working day
        ("2024-04-20", 1, "2024-05-21"),  # Whit Monday
        ("2024-06-21", 1, "2024-07-22"),  # 21 July is a Sunday too, and is not made up for
        ("2024-10-01", 1, "2024-11-04"),  # All Saints on a Friday, then a week-end
        ("2024-11-25", 1, "2024-12-26"),  # Christmas; 26 December is a working day
        ("2023-12-01", 1, "2024-01-02"),  # over the turn of a year
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-03-05", 3, "2024-06-05"),
        ("2024-08-11", 3, "2024-11-12"),  # Armistice
    ],
)
def test_the_last_day_is_that_of_the_same_number_or_the_next_working_day(received: str, months: int, last: str) -> None:
    assert deadline(day(received), months) == day(last)


def test_easter_is_that_of_a_library_written_by_others() -> None:
    assert all(easter(year) == easter_of_dateutil(year) for year in range(1900, 2200))


def test_a_year_has_ten_holidays_unless_two_meet() -> None:
    assert {len(holidays(year)) for year in range(1990, 2100)} <= {9, 10}
    assert len(holidays(2008)) == 9  # Ascension on Labour Day
    assert sorted(holidays(2025))[1:5] == [day("2025-04-21"), day("2025-05-01"), day("2025-05-29"), day("2025-06-09")]


def test_a_deadline_is_a_working_day_and_at_most_four_days_late() -> None:
    for ordinal in range(day("2020-01-01").toordinal(), day("2032-01-01").toordinal()):
        received = dt.date.fromordinal(ordinal)
        for months in (1, 3):
            last = deadline(received, months)
            assert is_working_day(last)
            assert 0 <= (last - months_after(received, months)).days <= 4
