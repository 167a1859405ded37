"""Between any two positions of any history, what each event did to a figure adds up exactly to its difference."""

from __future__ import annotations

import pytest
from diff_history import between, hold_against
from histories import histories, seeded
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase

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
