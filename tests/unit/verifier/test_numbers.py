"""Exact numbers, and the day in Brussels without a time zone database."""

import datetime as dt
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from miriam_verify import brussels_day, decimal_text, square_root


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(145, 2), 1, "72.5"),
        (Fraction(1, 8), 2, "0.12"),
        (Fraction(3, 8), 2, "0.38"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(-2, 3), 2, "-0.67"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(-1, 8), 2, "-0.12"),
        (Fraction(100), 1, "100.0"),
        (Fraction(0), 2, "0.00"),
    ],
)
def test_decimals_are_rounded_half_to_even_and_zero_has_no_sign(value: Fraction, places: int, text: str) -> None:
    assert decimal_text(value, places) == text


def test_a_rational_root_is_exact() -> None:
    assert square_root(Fraction(9, 16)) == Fraction(3, 4)
    assert square_root(Fraction(0)) == 0


def test_another_root_is_right_to_fifty_digits() -> None:
    root = square_root(Fraction(2))
    assert abs(root * root - 2) < Fraction(1, 10**49)


def test_the_day_in_brussels_is_that_of_the_time_zone_database_around_every_change_of_clocks() -> None:
    brussels = ZoneInfo("Europe/Brussels")
    for year in range(1997, 2037):
        for month, last in ((3, 31), (10, 31), (1, 31), (7, 31)):
            for day in range(24, last + 1):
                for hour in (0, 1, 21, 22, 23):
                    moment = dt.datetime(year, month, day, hour, 59, 59, tzinfo=dt.UTC)
                    expected = moment.astimezone(brussels).date().isoformat()
                    assert brussels_day(moment.isoformat()) == expected


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-01-10T22:59:59.999999Z", "2024-01-10"),
        ("2024-01-10T23:00:00.000000Z", "2024-01-11"),
        ("2024-07-10T22:00:00.000000Z", "2024-07-11"),
        ("2024-07-10T00:30:00.000000+02:00", "2024-07-10"),
    ],
)
def test_late_in_the_evening_it_is_already_tomorrow_in_brussels(instant: str, day: str) -> None:
    assert brussels_day(instant) == day
