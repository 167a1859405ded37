"""The made-up edition gives the published figures; counted by the reference implementation, from recorded leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import miriam_verify
from miriam_simulator import leaves, scenario

Figures = Mapping[tuple[str, str], Mapping[str, Any]]


def _figures(name: str, seed: int, scale: float = 1.0) -> Figures:
    computed = miriam_verify.figures(leaves(scenario(name, seed, scale)), name, None, ("total",))
    return {(figure["code"], ",".join(figure["by"].values())): figure for figure in computed}


@pytest.fixture(scope="module")
def year() -> Figures:
    return _figures("2023-2024", 1)


def test_about_1100_women_in_83_projects_of_45_cpas(year: Figures) -> None:
    assert 1075 <= year["I01", ""]["value"] <= 1125
    assert year["I02", ""]["value"] == 83
    assert year["I03", ""]["value"] == 45


def test_73_per_cent_progressed_and_most_women_answered_at_the_end(year: Figures) -> None:
    assert 72.5 <= float(year["I04", ""]["value"]) <= 73.5
    assert year["I04", ""]["denominator"] > 750


@pytest.mark.parametrize(
    ("domain", "start", "change"),
    [("leisure", 4.0, 1.8), ("mental_wellbeing", 4.6, None), ("social_support", None, 1.5)],
)
def test_means_are_those_published_of_2022_23(
    year: Figures, domain: str, start: float | None, change: float | None
) -> None:
    figure = year["I06", domain]
    if start is not None:
        assert float(figure["detail"]["mean_start"]) == pytest.approx(start, abs=0.12)
    if change is not None:
        assert float(figure["value"]) == pytest.approx(change, abs=0.06)


def test_the_other_domains_start_between_5_and_6_and_change_less(year: Figures) -> None:
    for domain in ("finances", "social_support", "housing", "mobility", "physical_health"):
        assert 5.0 <= float(year["I06", domain]["detail"]["mean_start"]) <= 6.0
    for domain in ("finances", "housing", "mobility", "physical_health"):
        assert 0 < float(year["I06", domain]["value"]) < 1.5


def test_money_is_that_of_the_programme(year: Figures) -> None:
    assert year["I13", "budget"]["value"] == "4550000.00"
    assert year["I13", "subsidy"]["value"] == "5279879.00"  # 83 x 63,613
    assert float(year["I13", "paid"]["value"]) <= 5_279_879


def test_every_kind_of_untidiness_shows_in_the_data_quality(year: Figures) -> None:
    left_out = {reason for code, reason in year if code == "D01" and year[code, reason]["numerator"]}
    assert {
        "not_enrolled", "enrolment_retracted", "project_differs", "project_unknown", "basis_not_allowed",
        "enrolled_outside_edition",
    } <= left_out  # fmt: skip
    excluded = {row["reason"] for row in year["I08", ""]["excluded"]}
    assert {"before_enrolment", "after_end", "outside_edition"} <= excluded
    for kind in ("re_entry", "move", "without_number"):
        assert year["D06", kind]["numerator"] > 0
    assert year["D03", ""]["numerator"] > 100
    assert year["D08", ""]["value"] == 0


@pytest.mark.parametrize("seed", [2, 77])
def test_another_seed_keeps_the_share_of_progress(seed: int) -> None:
    assert 72.4 <= float(_figures("2023-2024", seed, 0.4)["I04", ""]["value"]) <= 73.6


def test_the_third_edition_has_six_cpas_and_about_90_women() -> None:
    found = _figures("3.0", 1)
    assert 80 <= found["I01", ""]["value"] <= 95
    assert found["I03", ""]["value"] == 6
    assert found["I13", "budget"]["value"] == "435000.00"
