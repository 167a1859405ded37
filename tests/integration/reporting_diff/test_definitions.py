"""A figure that another definition counts otherwise: how much of a difference that makes, and how much the events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from diff_history import add_up
from histories import seeded
from indicator_history import EDITION, History
from reporting_database import ReportingDatabase

from miriam_reporting.indicators.definitions import parse
from miriam_reporting.reports import LEVELS
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.diff import Changed, Diff, Part, diff


def defined(code: str, old: str, new: str) -> Definitions:
    """Today's definitions, but for one word of one indicator."""
    by = current()
    indicator = by.indicators[code]
    assert old in indicator.text
    changed = parse(indicator.file, indicator.text.replace(old, new))
    return replace(by, name="rpt-of-yesterday", indicators={**by.indicators, code: changed})


def of_progress() -> Definitions:
    """As if yesterday mobility had counted for personal progress, and physical health had not."""
    return defined("I04", "a.housing_change, a.physical_health_change", "a.housing_change, a.mobility_change")


def of_sessions() -> Definitions:
    """As if yesterday nobody had counted missed sessions, and sessions outside the edition had counted."""
    by = defined("I08", "s.invalid is null", "(s.invalid is null or s.invalid = 'outside_edition')")
    indicator = by.indicators["I08"]
    whole, _, missed = indicator.text.partition("\n-- [part] measure = missed")
    assert missed
    return replace(by, indicators={**by.indicators, "I08": parse(indicator.file, whole)})


def the_one(found: Diff, code: str) -> Changed:
    return next(c for c in found.figures if c.after.code == code and c.after.level == "total")


def test_the_same_leaves_differ_by_their_definition_alone(history: History) -> None:
    history.enrol("alpha:w1")
    base = {"participation": "alpha:w1", "moment": "end", "occurred_on": "2024-05-05"}
    changes = dict.fromkeys(
        ("finances", "social_support", "housing", "mobility", "physical_health", "leisure", "mental_wellbeing",
         "autonomy", "self_confidence"), "same",
    )  # fmt: skip
    history.fact("assessment.completed", **base, changes={**changes, "physical_health": "better"})
    history.report()
    head, app = history.head, history.database.app
    found = diff(app, EDITION, head, head, LEVELS, None, (of_progress(), current()))
    assert {c.after.code for c in found.figures} == {"I04"}
    changed = the_one(found, "I04")
    assert (changed.before.value, changed.after.value) == ("0.0", "100.0")
    assert changed.causes == {"new_definition": Part(1, 1, 0)}
    assert changed.changes[0].events == ()
    assert (found.before.definitions, found.after.definitions) == ("rpt-of-yesterday", "current")


def test_what_the_definition_did_is_told_apart_from_what_events_did(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1", occurred_on="2022-01-01", duration_minutes=60)
    before = history.head
    session = history.fact("session.held", participation="alpha:w1", duration_minutes=45)
    history.report()
    found = diff(history.database.app, EDITION, before, history.head, ("total",), ["I08"], (of_sessions(), current()))
    hours = next(c for c in found.figures if c.after.part == "measure=hours")
    assert (hours.before.value, hours.after.value) == ("1.00", "0.75")
    assert hours.causes == {"new_definition": Part(1, -60, 0), "new": Part(1, 45, 0)}
    assert [event.event_id for change in hours.changes for event in change.events] == [session]


def test_a_part_that_is_new_comes_from_nothing(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.missed", participation="alpha:w1")
    history.report()
    head = history.head
    found = diff(history.database.app, EDITION, head, head, ("total",), ["I08"], (of_sessions(), current()))
    missed = next(c for c in found.figures if c.after.part == "measure=missed")
    assert (missed.before.value, missed.after.value, missed.numerator) == (None, 1, 1)
    assert missed.causes == {"new_definition": Part(1, 1, 0)}
    turned = diff(history.database.app, EDITION, head, head, ("total",), ["I08"], (current(), of_sessions()))
    assert next(c for c in turned.figures if c.after.part == "measure=missed").numerator == -1


@pytest.mark.parametrize("made", [of_progress, of_sessions])
def test_both_steps_together_add_up_in_a_random_history(
    indicator_database: ReportingDatabase, made: Callable[[], Definitions]
) -> None:
    indicator_database.load(seeded(14, 400))
    old = made()
    for before, after in ((150, 400), (400, 150)):
        found = diff(indicator_database.app, "2023", before, after, LEVELS, ["I04", "I08"], (old, current()))
        assert found.figures
        for changed in found.figures:
            add_up(changed)
