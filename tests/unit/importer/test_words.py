"""Every code, heading and sentence has its words in four languages, and no word means two things."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miriam_contracts import codes
from miriam_contracts.problems import LANGUAGES, rules
from miriam_importer import words
from miriam_importer.sheets import SHEETS, Sheet
from miriam_importer.sheets.model import ANSWERS, Column

# Parts of another list, for indicators.
_SUBSETS = ("PERSONAL_SITUATION", "POSITIVE_EXITS")
_FILES = ("facts", "sheets", "headings", "own_helps", "problems", "texts")


def lists() -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in vars(codes).items():
        if name.isupper() and name not in _SUBSETS:
            yield name, value


@pytest.mark.parametrize(("name", "choices"), list(lists()))
def test_every_code_of_the_contracts_has_a_word_in_four_languages(name: str, choices: tuple[str, ...]) -> None:
    found = words.codes()[name.lower()]
    assert set(found) == set(choices)
    for word in found.values():
        assert set(word) == set(LANGUAGES)
        assert all(word.values())


@pytest.mark.parametrize("name", _FILES)
def test_every_text_is_there_in_four_languages(name: str) -> None:
    for key, word in words.data(name).items():
        assert set(word) == set(LANGUAGES), key
        assert all(word.values()), key


def test_no_rule_of_ours_has_the_name_of_a_rule_of_the_contracts() -> None:
    assert not set(words.data("problems")) & set(rules())


@pytest.mark.parametrize("sheet", list(SHEETS.values()), ids=list(SHEETS))
def test_every_column_has_a_heading_and_a_sentence_in_four_languages(sheet: Sheet) -> None:
    for column in sheet.columns:
        for language in LANGUAGES:
            assert column.heading(language)
            assert words.meaning(column.key, column.meaning, language)


@pytest.mark.parametrize("sheet", list(SHEETS.values()), ids=list(SHEETS))
def test_a_heading_names_one_column_of_its_sheet_in_whatever_language(sheet: Sheet) -> None:
    seen: dict[str, str] = {}
    for key in (*(column.key for column in sheet.columns), *ANSWERS):
        for word in (key, *words.data("headings")[key].values()):
            assert seen.setdefault(words.fold(word), key) == key


def columns() -> Iterator[Column]:
    for sheet in SHEETS.values():
        yield from (column for column in sheet.columns if column.choices)


@pytest.mark.parametrize("column", list(columns()), ids=lambda column: column.key)
def test_a_word_names_one_code_of_its_list_in_whatever_language(column: Column) -> None:
    seen: dict[str, str] = {}
    for code, found in words.words_of(column.words, column.choices).items():
        for word in (code, *found.values()):
            assert seen.setdefault(words.fold(word), code) == code


def test_codes_of_the_contract_have_words_and_only_questionnaires_are_their_own() -> None:
    assert {column.key for column in columns() if not column.words} == {"instrument"}
