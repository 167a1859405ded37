"""Between any two positions of any history, what each event did to a figure adds up exactly to its difference."""

from __future__ import annotations

import pytest
from diff_history import between, hold_against
from histories import histories, seeded
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase

from miriam_reporting.reports import LEVELS
from miriam_reporting.reports.diff import diff, rows

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.mark.timeout(1200)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), data=st.data())
def test_parts_add_up_at_every_level_of_any_history(
    reporting: ReportingDatabase, bodies: list[bytes], data: st.DataObject
) -> None:
    reporting.load(bodies)
    before = data.draw(st.integers(0, len(bodies)), "before")
    after = data.draw(st.integers(0, len(bodies)), "after")
    found = between(reporting, before, after)
    if found is not None:
        hold_against(found, reporting)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [1, 7])
def test_parts_add_up_in_histories_of_hundreds_of_events(reporting: ReportingDatabase, seed: int) -> None:
    bodies = seeded(seed, 400, copies=1 + seed % 2)
    reporting.load(bodies)
    for before, after in ((60, 400), (200, 210), (350, 120)):
        found = between(reporting, before, after)
        assert found is not None
        assert found.figures
        hold_against(found, reporting)


@pytest.mark.timeout(1200)
def test_a_diff_turned_round_takes_back_what_it_gave(reporting: ReportingDatabase) -> None:
    reporting.load(seeded(14, 250))
    there, back = between(reporting, 80, 250), between(reporting, 250, 80)
    assert there is not None
    assert back is not None
    assert len(there.figures) == len(back.figures) > 50
    for one, other in zip(there.figures, back.figures, strict=True):
        assert (one.before, one.after) == (other.after, other.before)
        assert one.numerator == (None if other.numerator is None else -other.numerator)
        assert [(c.unit, c.cause, c.numerator, c.denominator, c.events) for c in one.changes] == [
            (c.unit, c.cause, -c.numerator, -c.denominator, c.events) for c in other.changes
        ]


@pytest.mark.timeout(1200)
def test_a_position_differs_from_itself_in_nothing(reporting: ReportingDatabase) -> None:
    reporting.load(seeded(12, 200))
    for position in (90, 200):
        found = between(reporting, position, position)
        assert found is not None
        assert found.figures == []


@pytest.mark.timeout(1200)
def test_units_that_are_not_listed_are_counted_all_the_same(
    reporting: ReportingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it makes no difference how many units are looked at in a turn."""
    reporting.load(seeded(14, 300))
    whole = diff(reporting.app, "2023", 100, 300, LEVELS)
    monkeypatch.setattr(rows.differing, "__defaults__", (7,))
    some = diff(reporting.app, "2023", 100, 300, LEVELS, most=2)
    assert len(whole.figures) == len(some.figures)
    for all_of_it, first in zip(whole.figures, some.figures, strict=True):
        assert (all_of_it.before, all_of_it.after, all_of_it.causes) == (first.before, first.after, first.causes)
        assert list(first.changes) == list(all_of_it.changes)[:2]
        rest = list(all_of_it.changes)[2:]
        added = sum(change.numerator for change in rest), sum(change.denominator for change in rest)
        assert (first.omitted.units, first.omitted.numerator, first.omitted.denominator) == (len(rest), *added)
