"""What people type into a cell, and what is made of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from miriam_importer.cells import CellProblem, value
from miriam_importer.reading.grid import Broken, Serial
from miriam_importer.sheets import SHEETS


def understood(kind: str, key: str, raw: Any) -> Any:
    return value(SHEETS[kind].by_key[key], raw, "anderlecht", "nl")


@pytest.mark.parametrize(
    "raw",
    [
        "04/03/2024", "4/3/2024", "4.3.2024", "04-03-2024", "2024-03-04", "2024-3-4", " 04/03/2024 ",
        "04/03/2024 00:00:00", "2024-03-04T00:00:00", dt.date(2024, 3, 4),
        dt.datetime.fromisoformat("2024-03-04T09:30"),
        Serial(45355, dt.date(2024, 3, 4)),
    ],
)  # fmt: skip
def test_a_day_is_understood_as_it_is_written_here(raw: Any) -> None:
    assert understood("sessions", "occurred_on", raw) == "2024-03-04"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("4/3/24", "cell_year"), ("04-03-24", "cell_year"), ("31/02/2024", "cell_date"), ("03/14/2024", "cell_date"),
        ("4 maart 2024", "cell_date"), ("20240304", "cell_date"), (True, "cell_date"),
        (Serial(20240304, None), "cell_date"),
        (dt.time(9, 30), "cell_date"), ("4/3-2024", "cell_date"), ("45355", "cell_date"),
    ],
)  # fmt: skip
def test_what_could_be_another_day_is_no_day(raw: Any, code: str) -> None:
    with pytest.raises(CellProblem) as problem:
        understood("sessions", "occurred_on", raw)
    assert problem.value.code == code


@pytest.mark.parametrize(
    ("raw", "minutes"),
    [
        (50, 50), (Serial(50.0, None), 50), ("50", 50), ("50,0", 50), ("50.00", 50), ("1:30", 90), ("1h30", 90),
        ("1 u 30", 90), ("2h", 120), ("50 min", 50), (dt.time(1, 30), 90), (dt.timedelta(hours=1, minutes=30), 90),
    ],
)  # fmt: skip
def test_minutes_are_understood_in_the_ways_in_which_they_are_noted(raw: Any, minutes: int) -> None:
    assert understood("sessions", "duration_minutes", raw) == minutes


@pytest.mark.parametrize("raw", ["1,5", "1.000", 1.5, Serial(1.5, None), "veel", True, "1:75", "9999999999"])
def test_no_whole_number_is_made_of_what_is_none(raw: Any) -> None:
    with pytest.raises(CellProblem) as problem:
        understood("sessions", "duration_minutes", raw)
    assert (problem.value.code, problem.value.allowed) == ("cell_whole", "1..720")


@pytest.mark.parametrize(
    "raw", ["Huisvesting", "huisvesting", " HUISVESTING ", "Logement", "wohnen", "housing", "Housing"]
)
def test_a_word_of_any_language_and_the_code_itself_are_the_code(raw: str) -> None:
    assert understood("sessions", "theme", raw) == "housing"


@pytest.mark.parametrize("raw", ["Excusee", "excusée", "EXCUSÉE", "verontschuldigd"])
def test_case_and_accents_make_no_difference(raw: str) -> None:
    assert understood("sessions", "reason", raw) == "excused"


def test_a_word_that_is_not_in_the_list_is_answered_with_the_list_in_her_language() -> None:
    with pytest.raises(CellProblem) as problem:
        understood("sessions", "place", "kantine")
    assert problem.value.allowed == "OCMW, Aan huis, Buitenshuis, Telefoon, Online"


@pytest.mark.parametrize(
    ("raw", "id_"),
    [
        ("p-014", "anderlecht:p-014"), ("anderlecht:p-014", "anderlecht:p-014"), (14, None), ("014", "anderlecht:014"),
        (Serial(14, None), "anderlecht:14"), (Serial(14.0, None), "anderlecht:14"),
        ("schaerbeek:p-1", "schaerbeek:p-1"),
    ],
)  # fmt: skip
def test_a_short_id_is_completed_with_the_cpas(raw: Any, id_: str | None) -> None:
    if id_ is None:
        # A bare int does not come out of a reader; it would be a Serial.
        with pytest.raises(CellProblem):
            understood("sessions", "participation", raw)
    else:
        assert understood("sessions", "participation", raw) == id_


@pytest.mark.parametrize(
    ("raw", "niss"),
    [
        ("85.07.30-033.28", "85073003328"), ("850730 033 28", "85073003328"),
        (Serial(85073003328, None), "85073003328"),
        (Serial(5073003328.0, None), "05073003328"),
    ],
)  # fmt: skip
def test_a_national_number_is_its_digits_also_where_a_spreadsheet_dropped_its_zeros(raw: Any, niss: str) -> None:
    assert understood("enrolments", "personal/niss", raw) == niss


@pytest.mark.parametrize(
    ("raw", "found"), [("Ja", True), ("oui", True), (True, True), ("Nein", False), ("ONWAAR", False)]
)
def test_yes_and_no_are_understood_in_every_language(raw: Any, found: bool) -> None:
    assert understood("exits", "certificate", raw) is found


def test_an_answer_is_a_score_or_says_why_there_is_none() -> None:
    assert understood("assessments", "scores/housing", "7") == {"status": "valid", "score": 7}
    assert understood("assessments", "scores/housing", "Sans réponse") == {"status": "not_answered"}
    with pytest.raises(CellProblem) as problem:
        understood("assessments", "scores/housing", "7,5")
    assert problem.value.allowed == "0..10, Niet beantwoord, Niet beschikbaar"


@pytest.mark.parametrize(("raw", "code"), [(Broken.FORMULA, "cell_formula"), (Broken.ERROR, "cell_error")])
def test_a_cell_without_a_value_in_the_file_says_so(raw: Broken, code: str) -> None:
    with pytest.raises(CellProblem) as problem:
        understood("sessions", "place", raw)
    assert problem.value.code == code


def test_blank_cells_hold_nothing() -> None:
    assert understood("sessions", "place", " \xa0 ") is None
    assert understood("sessions", "place", None) is None
