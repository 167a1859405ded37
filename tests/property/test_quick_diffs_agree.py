"""The quick way to a diff (two sessions, and evidence of those alone whom changes may concern) gives what the plain way
gives, to the letter: of any history, between any two of its positions.
"""

from __future__ import annotations

import re

import orjson
import pytest
from histories import histories, seeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_by_one import OneByOne
from reporting_database import ReportingDatabase
from test_two_implementations_agree import UNSHRUNK

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports import LEVELS, UnknownEdition
from miriam_reporting.reports.diff import diff, sides
from miriam_reporting.reports.diff.narrowing import narrowed
from miriam_reporting.reports.diff.quick import quick_diff
from miriam_reporting.reports.tallies import evidence_query

EDITIONS = ("2023", "2024")


def agree(reporting: ReportingDatabase, before: int, after: int) -> int:
    """Both ways give the same of each edition; how many figures changed."""
    figures = 0
    for edition in EDITIONS:
        try:
            plain = diff(reporting.app, edition, before, after, LEVELS)
        except UnknownEdition as error:
            with pytest.raises(UnknownEdition, match=re.escape(str(error))):
                quick_diff(reporting.app, edition, before, after, LEVELS)
            continue
        quick = quick_diff(reporting.app, edition, before, after, LEVELS)
        assert orjson.dumps(quick.as_json()) == orjson.dumps(plain.as_json())
        figures += len(plain.figures)
    return figures


@pytest.mark.timeout(1200)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), data=st.data())
def test_both_ways_agree_between_any_positions_of_any_history(
    reporting: ReportingDatabase, bodies: list[bytes], data: st.DataObject
) -> None:
    reporting.load(bodies)
    before = data.draw(st.integers(0, len(bodies)), "before")
    # Few changes are where most is left out.
    after = data.draw(st.integers(before, min(len(bodies), before + 12)) | st.integers(0, len(bodies)), "after")
    agree(reporting, before, after)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [3, 14])
def test_both_ways_agree_on_what_a_few_events_changed_in_a_history_of_hundreds(
    reporting: ReportingDatabase, seed: int
) -> None:
    bodies = seeded(seed, 400, copies=1 + seed % 2)
    reporting.load(bodies)
    spans = [(first, first + 1 + first % 9) for first in range(60, 390, 19)]
    assert sum(agree(reporting, *span) for span in spans) > 100


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("about", ["of_courses", "of_groups", "of_answers", "of_persons", "of_enrolments", "of_places"])
def test_both_ways_agree_on_each_single_leaf_of_every_kind(reporting: ReportingDatabase, about: str) -> None:
    """Each concerns others than those that it names: whoever is left out of what is looked at is missed here."""
    history = OneByOne()
    positions = history.told()[about]
    reporting.load(history.ledger.bodies)
    changing = 0
    for before in positions:
        plain = diff(reporting.app, "2023", before, before + 1, LEVELS)
        quick = quick_diff(reporting.app, "2023", before, before + 1, LEVELS)
        assert orjson.dumps(quick.as_json()) == orjson.dumps(plain.as_json()), history.ledger.bodies[before]
        changing += bool(plain.figures)
    assert changing > len(positions) * 2 / 3


@pytest.mark.timeout(1200)
def test_units_are_read_in_turns_where_they_are_many(
    reporting: ReportingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting.load(seeded(14, 300))
    monkeypatch.setattr(sides, "TURN", 7)
    monkeypatch.setattr(sides.Sides.differing, "__defaults__", (7,))
    monkeypatch.setattr(sides, "_AT_ONCE", 11)
    assert agree(reporting, 100, 300) > 50


def test_most_queries_are_narrowed_and_those_of_projects_are_not() -> None:
    """Else all of an edition would be looked at, and nobody would notice but by waiting."""
    whole = {
        f"{indicator.code} {section.part(section.categories[0] if section.categories else '*')}"
        for indicator in indicators().values()
        for section in indicator.sections
        if narrowed(section.query) == evidence_query(section.query)
    }
    assert whole == {
        "I02 ", "I03 ", "I09 measure=weeks_between", "I13 measure=budget", "I13 measure=subsidy", "I13 measure=paid",
        "I13 measure=declared", "D07 ", "D07 rule=*", "D08 ", "D08 source=*",
    }  # fmt: skip
