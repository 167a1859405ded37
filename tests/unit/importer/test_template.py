"""What a template offers: lists, bounds, formats, explanations, and a memory of what it is."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from miriam_contracts.problems import LANGUAGES
from miriam_importer import words
from miriam_importer.reading import read
from miriam_importer.sheets import SHEETS
from miriam_importer.template import delimited, workbook


def opened(kind: str, language: str = "nl", project: str = "") -> Any:
    return load_workbook(io.BytesIO(workbook(SHEETS[kind], language, project)))


def rule_at(book: Any, kind: str, key: str) -> Any:
    page = book.worksheets[0]
    place = [column.key for column in SHEETS[kind].columns].index(key) + 1
    (found,) = [rule for rule in page.data_validations.dataValidation if f"{get_column_letter(place)}2" in rule.sqref]
    return found


def offered(book: Any, rule: Any) -> list[Any]:
    """What the list behind a rule holds."""
    # In the file a formula stands without the sign that begins it in a cell.
    name, _, area = rule.formula1.partition("!")
    return [cell.value for (cell,) in book[name.strip("'")][area.replace("$", "")]]


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_offered_in_words_by_a_list(kind: str, language: str) -> None:
    book = opened(kind, language)
    for column in SHEETS[kind].columns:
        rule = rule_at(book, kind, column.key)
        assert (rule.type == "list") == bool(column.choices)
        if column.choices:
            assert [str(each) for each in offered(book, rule)] == column.choice(language)
            assert rule.error == words.said("not_in_list", language)


@pytest.mark.parametrize(
    ("kind", "key", "kind_of_rule", "bounds"),
    [
        ("sessions", "duration_minutes", "whole", ("1", "720")),
        ("enrolments", "children", "whole", ("0", "20")),
        ("goals", "percent", "whole", ("0", "100")),
        ("sessions", "personal/text", "textLength", ("1", "4000")),
        ("sessions", "occurred_on", "date", ("DATE(1900,1,1)", "DATE(2199,12,31)")),
    ],
)
def test_bounds_are_those_of_the_contract(kind: str, key: str, kind_of_rule: str, bounds: tuple[str, str]) -> None:
    rule = rule_at(opened(kind), kind, key)
    assert (rule.type, (rule.formula1, rule.formula2)) == (kind_of_rule, bounds)
    assert rule.showErrorMessage
    assert len(rule.prompt) <= 255
    assert len(rule.error) <= 255
    assert len(rule.promptTitle) <= 32


def test_headings_stay_in_sight_days_are_written_as_here_and_ids_stay_texts() -> None:
    page = opened("sessions").worksheets[0]
    assert page.freeze_panes == "A2"
    assert page.title == "Gesprekken"
    formats = {cell.value: page.column_dimensions[cell.column_letter].number_format for cell in page[1]}
    assert formats["Datum"] == "dd/mm/yyyy"
    assert formats["Deelname"] == formats["Nummer van het gesprek"] == "@"
    assert page.max_row == 1


@pytest.mark.parametrize("kind", SHEETS)
def test_the_sheet_of_explanations_names_every_column_and_is_locked(kind: str) -> None:
    page = opened(kind, "fr").worksheets[1]
    assert page.title == "Explications"
    assert page.protection.sheet
    told = {
        row[0].value: [cell.value for cell in row[1:4]]
        for row in page.iter_rows(min_row=4, max_row=3 + len(SHEETS[kind].columns))
    }
    for column in SHEETS[kind].columns:
        meaning, required, allowed = told[column.heading("fr")]
        assert meaning == words.meaning(column.key, column.meaning, "fr")
        assert required
        assert allowed


def test_a_column_says_for_which_facts_it_must_be_filled_in() -> None:
    page = opened("sessions", "en").worksheets[1]
    told = {
        row[0].value: row[2].value for row in page.iter_rows(min_row=4, max_row=3 + len(SHEETS["sessions"].columns))
    }
    assert told["Project"] == "yes"
    assert told["Reason"] == "required for: Missed"
    assert told["Note"] == "only for: Held"
    assert told["Noted on"] == "no"


def test_a_template_remembers_what_it_is_where_nobody_looks() -> None:
    book = opened("goals", "de", "spp-is:2023-anderlecht-1")
    hidden = book["miriam"]
    assert hidden.sheet_state == "veryHidden"
    kept = {row[0]: row[1] for row in hidden.iter_rows(max_row=4, max_col=2, values_only=True)}
    assert kept == {"miriam-import": "1", "kind": "goals", "language": "de", "project": "spp-is:2023-anderlecht-1"}


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_csv_template_is_known_again_by_its_headings(tmp_path: Path, kind: str, language: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(delimited(SHEETS[kind], language))
    table = read(path)
    assert table.sheet.kind == kind
    assert table.ignored == ()
    # Said in the language of the headings.
    assert [table.sheet.by_key[key].heading(table.language) for key in table.columns] == [
        column.heading(language) for column in table.sheet.columns
    ]


@pytest.mark.parametrize("kind", SHEETS)
def test_a_csv_template_opens_in_a_spreadsheet_of_here(kind: str) -> None:
    content = delimited(SHEETS[kind], "fr")
    assert content.startswith(b"\xef\xbb\xbf")
    heads = content.decode("utf-8-sig").strip().split(";")
    assert heads == [column.heading("fr") for column in SHEETS[kind].columns]
