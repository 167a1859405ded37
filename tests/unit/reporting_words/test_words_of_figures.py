"""Figures, units, rules and days in words: as each language writes them, and nothing left to a code."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from miriam_contracts.codes import LANGUAGES
from miriam_contracts.problems import rules
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.words import label, rule_in_words, unit_of
from miriam_reporting.web.languages import Format
from miriam_reporting.web.languages.catalogues import catalogues


@pytest.mark.parametrize(
    ("value", "language", "told"),
    [
        (1, "en", "woman"),
        (0, "en", "women"),
        (2, "en", "women"),
        (Decimal("1.00"), "en", "women"),
        (1, "nl", "vrouw"),
        (1, "de", "Frau"),
        (0, "de", "Frauen"),
        (0, "fr", "femme"),
        (Decimal("1.50"), "fr", "femme"),
        (2, "fr", "femmes"),
    ],
)
def test_one_woman_is_no_women(value: int | Decimal, language: str, told: str) -> None:
    assert unit_of("women", value, language) == told


def test_a_unit_that_is_alike_for_one_and_for_many_stays_as_it_is() -> None:
    assert [unit_of(unit, 1, "en") for unit in ("%", "EUR", "cpas")] == ["%", "EUR", "CPAS"]


def test_french_puts_a_space_that_no_line_breaks_at_before_its_colon() -> None:
    part = "domain=housing"
    assert label(indicators()["I05"], part, "fr") == "domaine\u00a0: logement"
    assert label(indicators()["I05"], part, "nl") == "domein: huisvesting"
    french = catalogues().of("fr").gettext("This page as a file:")
    assert french == "Cette page en fichier\u00a0:"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_rule_is_told_in_words_that_hold_for_any_field(language: str) -> None:
    for code in rules():
        told = rule_in_words(code, language)
        assert told[0].isupper(), told
        assert not set("{}\0\1") & set(told), told
        assert not told.endswith((".", ":", ";")), told


def test_what_would_be_allowed_is_left_out_where_it_is_not_known() -> None:
    assert rule_in_words("in_the_future", "en") == "A field lies in the future"
    assert rule_in_words("unknown_field", "de") == "Unter einem Feld steht ein Feld, das der Vertrag nicht kennt"
    assert rule_in_words("woman_in_two_lists", "fr") == "Elle figure déjà dans une autre liste de cette séance"
    assert rule_in_words("of_tomorrow", "en") == "of_tomorrow"


def test_a_part_of_the_refusals_is_called_by_its_rule() -> None:
    assert label(indicators()["D07"], "rule=required", "nl") == "Een veld ontbreekt"


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("fr", "1er août 2023", "1er août 2023, 14:00:00"),
        ("nl", "1 augustus 2023", "1 aug 2023, 14:00:00"),
        ("de", "1. August 2023", "1. Aug. 2023, 14:00:00"),
        ("en", "1 August 2023", "1 Aug 2023, 14:00:00"),
    ],
)
def test_the_first_of_a_month_is_written_as_the_language_does(language: str, day: str, moment: str) -> None:
    written = Format(language)
    assert written.date(dt.date(2023, 8, 1)) == day
    assert written.moment(dt.datetime(2023, 8, 1, 12, tzinfo=dt.UTC)) == moment
