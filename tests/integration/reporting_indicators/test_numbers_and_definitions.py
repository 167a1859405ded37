"""Arithmetic of figures, and the reading of indicator files. No server needed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from miriam_contracts import codes
from miriam_reporting.indicators.definitions import BadDefinition, indicators, parse
from miriam_reporting.reports.numbers import ratio, rounded, square_root
from miriam_reporting.reports.words import number, word, words

HEADING = "".join(f"-- {name}: {name}\n" for name in ("code", "name", "fr", "nl", "de", "en", "source", "rule"))
HEADING += "-- version: 1\n\n"


@pytest.mark.parametrize(
    ("numerator", "denominator", "places", "text"),
    [
        (100, 3, 1, "33.3"),
        (200, 3, 1, "66.7"),
        (25, 100, 1, "0.2"),
        (35, 100, 1, "0.4"),
        (-25, 100, 1, "-0.2"),
        (-35, 100, 1, "-0.4"),
        (-1, 1000, 2, "0.00"),
        (0, 7, 2, "0.00"),
        (5, 1000, 2, "0.00"),
        (15, 1000, 2, "0.02"),
        (1_500_001, 200, 2, "7500.00"),
        (10**20, 3, 1, "33333333333333333333.3"),
    ],
)
def test_ratios_are_rounded_half_even_from_the_exact_value(
    numerator: int, denominator: int, places: int, text: str
) -> None:
    assert ratio(numerator, denominator, places) == text
    assert rounded(Fraction(numerator, denominator), places) == text


def test_roots_are_exact_where_they_are_rational() -> None:
    assert square_root(Fraction(9, 16)) == Fraction(3, 4)
    assert square_root(Fraction(0)) == 0
    # 1.41421356237309504880168872420969807856967187537694807317667973799...
    assert rounded(square_root(Fraction(2)) * 10**40, 1) == "14142135623730950488016887242096980785696.7"


def test_every_indicator_has_names_rule_and_source_and_comes_in_order() -> None:
    found = indicators()
    assert list(found) == [f"I{n:02d}" for n in range(1, 17)] + [f"D{n:02d}" for n in range(1, 9)]
    assert len({each.name for each in found.values()}) == len(found)
    assert all(each.rule and each.source and set(each.names) == set(codes.LANGUAGES) for each in found.values())


def test_the_parts_of_an_indicator_follow_the_code_lists() -> None:
    drop_out = indicators()["I10"].sections
    assert [section.part(category) for section in drop_out for category in section.categories or ()] == [
        "", "reason=moved", "reason=health", "reason=family", "reason=withdrew", "reason=lost_contact",
        "reason=no_longer_eligible", "reason=other",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADING, "no section"),
        ("-- code: X\n-- [part]\n-- kind: share\n-- unit: %\nselect 1", "lacks name, version"),
        (HEADING + "-- [part]\n-- kind: guess\n-- unit: %\nselect 1", "needs a unit and a kind"),
        (HEADING + "-- [own] domain = NO_LIST\n-- kind: share\n-- unit: %\nselect 1", "no code list NO_LIST"),
        (HEADING + "-- [part]\n-- [own] a = b | c\n-- kind: share\n-- unit: %\nselect 1", "needs `each: row`"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(BadDefinition, match=said):
        parse("x01_test.sql", text)


def test_the_four_languages_have_the_same_words() -> None:
    english = {(kind, code) for kind, named in words("en").items() for code in named}
    for language in codes.LANGUAGES:
        assert {(kind, code) for kind, named in words(language).items() for code in named} == english


def test_every_part_and_unit_has_a_word_in_every_language() -> None:
    for each in indicators().values():
        for section in each.sections:
            assert section.unit in words("nl")["unit"]
            for category in section.categories or ():
                assert not section.key or category in words("nl")[section.key], (each.code, category)


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert number(1234567, "en") == "1,234,567"
    assert number("-1234.50", "nl") == "-1.234,50"
    assert number("-0.50", "de") == "-0,50"
    assert number(None, "fr") == "–"
    assert word("fr", "domain", "housing") == "logement"
