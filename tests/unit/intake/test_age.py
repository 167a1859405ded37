"""The age band at entry."""

import datetime as dt

import pytest

from miriam_contracts.codes import AGE_BANDS
from miriam_intake.age import age_band, birth_date


@pytest.mark.parametrize(
    ("born", "on", "band"),
    [
        ("2006-02-21", "2024-02-20", "under_18"),
        ("2006-02-20", "2024-02-20", "18_29"),
        ("1994-02-21", "2024-02-20", "18_29"),
        ("1994-02-20", "2024-02-20", "30_54"),
        ("1969-02-21", "2024-02-20", "30_54"),
        ("1969-02-20", "2024-02-20", "55_plus"),
        ("2004-02-29", "2022-02-28", "under_18"),
        ("2004-02-29", "2022-03-01", "18_29"),
        ("2024-02-20", "2024-02-20", "under_18"),
        ("2024-02-21", "2024-02-20", "not_available"),
        ("1850-01-01", "2024-02-20", "not_available"),
    ],
)
def test_a_band_is_of_completed_years_on_the_day(born: str, on: str, band: str) -> None:
    assert age_band(dt.date.fromisoformat(born), on) == band
    assert band in AGE_BANDS


def test_a_birth_date_given_goes_before_the_numbers() -> None:
    assert birth_date({"birth_date": "1986-01-02", "niss": "85073003328"}) == dt.date(1986, 1, 2)


@pytest.mark.parametrize("number", ["85073003328", "85.07.30-033.28"])
def test_a_national_number_tells_the_birth_date(number: str) -> None:
    assert birth_date({"niss": number}) == dt.date(1985, 7, 30)


def test_a_bis_number_tells_the_birth_date() -> None:
    assert birth_date({"niss": "85473003317"}) == dt.date(1985, 7, 30)


@pytest.mark.parametrize("personal", [{}, {"niss": "85000003306"}, {"niss": "85070003355"}, {"first_name": "Exemple"}])
def test_without_a_day_there_is_no_birth_date(personal: dict[str, str]) -> None:
    assert birth_date(personal) is None
