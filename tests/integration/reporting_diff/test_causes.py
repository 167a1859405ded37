"""Each cause of a change, by a small history made by hand: what is named, and what is not."""

from __future__ import annotations

import pytest
from indicator_history import EDITION, History

from miriam_reporting.reports import LEVELS, UnknownEdition
from miriam_reporting.reports.diff import Change, Changed, Diff, Part, diff


def between(history: History, before: int, after: int | None = None) -> Diff:
    history.report()
    return diff(history.database.app, EDITION, before, history.head if after is None else after, LEVELS)


def changed(found: Diff, code: str, part: str = "", **place: str) -> Changed:
    key, _, value = part.partition("=")
    by = {**place, **({key: value} if key else {})}
    return next(c for c in found.figures if c.after.code == code and c.after.by == by)


def only(found: Changed) -> Change:
    (change,) = found.changes
    return change


def causes(change: Change) -> list[tuple[str, str]]:
    return [(event.event_id, event.cause) for event in change.events]


def test_a_new_session_is_new_and_one_told_weeks_later_is_late(history: History) -> None:
    history.enrol("alpha:w1")
    before = history.head
    new = history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-05")
    late = history.fact(
        "session.held", participation="alpha:w1", occurred_on="2023-10-05", time="2023-10-09T10:00:00.000000Z"
    )
    found = changed(between(history, before), "I08")
    assert (found.numerator, found.before.value, found.after.value) == (2, 0, 2)
    assert found.causes == {"late": Part(1, 1, 0), "new": Part(1, 1, 0)}
    assert sorted(causes(change) for change in found.changes) == sorted([[(new, "new")], [(late, "late")]])


def test_a_fact_noted_within_the_editions_days_is_not_late(history: History) -> None:
    history.enrol("alpha:w1")
    before = history.head
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-05", time="2023-10-08T21:59:59.000000Z")
    assert only(changed(between(history, before), "I08")).cause == "new"


def test_a_correction_is_named_and_adds_what_it_changed(history: History) -> None:
    history.enrol("alpha:w1")
    first = history.fact("session.held", participation="alpha:w1", duration_minutes=60)
    before = history.head
    one = history.correct(first, duration_minutes=30)
    other = history.correct(first, duration_minutes=45)
    found = between(history, before)
    hours = changed(found, "I08", "measure=hours")
    assert (hours.before.value, hours.after.value, hours.numerator) == ("1.00", "0.75", -15)
    change = only(hours)
    assert (change.unit, change.cause, change.numerator) == (first, "corrected", -15)
    assert causes(change) == [(one, "corrected"), (other, "corrected")]
    # Its number is the same, so the number of sessions is not among what changed.
    assert not [c for c in found.figures if c.after.code == "I08" and not c.after.part]


def test_what_was_recorded_and_corrected_since_is_new_and_both_events_are_named(history: History) -> None:
    history.enrol("alpha:w1")
    before = history.head
    first = history.fact("session.held", participation="alpha:w1", duration_minutes=60)
    correction = history.correct(first, duration_minutes=30)
    change = only(changed(between(history, before), "I08", "measure=hours"))
    assert (change.cause, change.numerator) == ("new", 30)
    assert causes(change) == [(first, "new"), (correction, "corrected")]


def test_a_retraction_takes_away_and_is_named(history: History) -> None:
    history.enrol("alpha:w1")
    first = history.fact("session.held", participation="alpha:w1")
    before = history.head
    retraction = history.retract(first)
    found = between(history, before)
    change = only(changed(found, "I08"))
    assert (change.cause, change.numerator, causes(change)) == ("retracted", -1, [(retraction, "retracted")])
    supported = only(changed(found, "I01"))
    assert (supported.cause, supported.numerator, supported.denominator) == ("retracted", -1, 0)


def test_an_enrolment_that_comes_after_its_session_re_matches_it(history: History) -> None:
    session = history.fact("session.held", participation="alpha:w1")
    before = history.head
    history.enrol("alpha:w1", "alpha:w2", "beta:w3")
    found = changed(between(history, before), "I08")
    change = only(found)
    assert (change.unit, change.cause, change.before.excluded) == (session, "re_matched", ("not_enrolled",))
    assert (change.numerator, causes(change)) == (1, [(enrolment(history), "re_matched")])
    assert found.excluded == {"not_enrolled": -1}


def test_who_left_the_group_afterwards_is_named_for_an_attendance_that_no_longer_counts(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("group.formed", group="alpha:g1")
    history.fact("group.joined", group="alpha:g1", participation="alpha:w1", occurred_on="2023-10-02")
    met = history.fact("groupsession.held", group="alpha:g1", occurred_on="2023-11-06", present=["alpha:w1"])
    before = history.head
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-11-07")
    left = history.fact("group.left", group="alpha:g1", participation="alpha:w1", occurred_on="2023-10-16")
    found = changed(between(history, before), "I09", "measure=presence_rate")
    change = only(found)
    assert (change.unit, change.cause) == (f"{met}/alpha:w1", "re_matched")
    assert (change.numerator, change.denominator, change.after.excluded) == (-1, -1, ("not_a_member",))
    assert causes(change) == [(left, "re_matched")]


def test_two_women_who_turn_out_to_be_one_are_re_matched_by_the_link(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    for participation in ("alpha:w1", "alpha:w2"):
        history.fact("session.held", participation=participation)
    before = history.head
    link = history.fact("person.linked", participation="alpha:w1", other="alpha:w2")
    found = changed(between(history, before), "I01")
    change = only(found)
    assert (found.numerator, found.denominator, change.cause) == (-1, -1, "re_matched")
    assert causes(change) == [(link, "re_matched")]


def test_a_cpas_that_moves_to_another_region_moves_its_figures(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    registered = next(f.first_id for f in history.ledger.facts.values() if f.subject == "alpha")
    before = history.head
    history.fact("session.missed", participation="alpha:w1")
    move = history.correct(registered, region="wallonia")
    found = between(history, before)
    gone, come = (changed(found, "I01", region=region) for region in ("brussels", "wallonia"))
    assert (gone.numerator, come.numerator) == (-1, 1)
    for change in (only(gone), only(come)):
        assert (change.cause, causes(change)) == ("re_matched", [(move, "re_matched")])
    assert not [c for c in found.figures if c.after.code == "I01" and c.after.level in ("total", "cpas", "project")]


def test_a_project_becomes_active_by_the_session_that_supported_its_first_woman(history: History) -> None:
    history.enrol("alpha:w1")
    before = history.head
    session = history.fact("session.held", participation="alpha:w1")
    change = only(changed(between(history, before), "I02"))
    assert (change.unit, change.cause, change.numerator, change.denominator) == ("spp:p1", "re_matched", 1, 0)
    assert causes(change) == [(session, "re_matched")]


def test_facts_go_with_their_project(history: History) -> None:
    history.enrol("alpha:w1")
    session = history.fact("session.held", participation="alpha:w1")
    approval = next(f.first_id for f in history.ledger.facts.values() if f.subject == "spp:p1")
    before = history.head
    history.fact("participation.ended", participation="alpha:w1", occurred_on="2024-05-05", reason="completed")
    retraction = history.retract(approval)
    change = only(changed(between(history, before), "I08"))
    assert (change.unit, change.numerator, causes(change)) == (session, -1, [(retraction, "re_matched")])


def test_another_that_names_the_same_and_came_first_is_named(history: History) -> None:
    history.enrol("alpha:w1")
    second = history.fact(
        "goal.set", participation="alpha:w1", goal="alpha:g", domain="health", occurred_on="2023-10-09"
    )
    before = history.head
    history.fact("person.linked", participation="alpha:w1", other="beta:w7")
    first = history.fact(
        "goal.set", participation="alpha:w1", goal="alpha:g", domain="housing", occurred_on="2023-10-05"
    )
    found = changed(between(history, before), "I07", "domain=health")
    assert {c.unit: (c.cause, causes(c)) for c in found.changes} == {second: ("re_matched", [(first, "re_matched")])}


def test_who_left_and_who_shares_a_consortium_are_told_apart(history: History) -> None:
    pact = history.fact("consortium.formed", consortium="spp:c", lead="alpha", members=["alpha", "beta"])
    history.fact("group.formed", group="alpha:g1", consortium="spp:c")
    history.enrol("beta:w1", project="spp:p1")
    history.fact("group.joined", group="alpha:g1", participation="beta:w1", project="spp:p1")
    history.fact("groupsession.held", group="alpha:g1", occurred_on="2023-11-06", present=["beta:w1"])
    before = history.head
    history.fact("group.left", group="alpha:g1", participation="beta:w1", occurred_on="2023-10-16", project="spp:p1")
    retraction = history.retract(pact)
    change = only(changed(between(history, before), "I09", "measure=presence_rate"))
    assert change.after.excluded == ("outside_consortium",)
    assert causes(change) == [(retraction, "re_matched")]


def test_facts_become_late_by_the_editions_own_correction(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1", time="2023-10-04T10:00:00.000000Z")
    opened = next(f.first_id for f in history.ledger.facts.values() if f.kind == "edition.opened")
    before = history.head
    history.fact("session.missed", participation="alpha:w1")
    stricter = history.correct(opened, late_after_days=1)
    found = changed(between(history, before), "D03", "family=session")
    late = next(change for change in found.changes if change.cause == "re_matched")
    assert (found.numerator, late.numerator, causes(late)) == (1, 1, [(stricter, "re_matched")])


def test_days_to_the_first_session_change_with_the_day_of_enrolment(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-05")
    before = history.head
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-06")
    correction = history.correct(enrolment(history), occurred_on="2023-10-01")
    change = only(changed(between(history, before), "I14"))
    assert (change.before.amount, change.after.amount) == ((3,), (4,))
    assert causes(change) == [(correction, "re_matched")]


def test_a_median_lists_what_each_unit_had_before_and_after(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    before = history.head
    history.fact("session.held", participation="alpha:w1")
    found = changed(between(history, before), "I08", "measure=median_per_woman")
    assert (found.before.value, found.after.value, found.numerator, found.denominator) == ("1.0", "2.0", None, 0)
    assert (only(found).before.amount, only(found).after.amount) == ((1,), (2,))


def test_a_pair_that_grew_lists_both_scores(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("assessment.completed", participation="alpha:w1", moment="start", occurred_on="2023-10-05")
    end = history.fact("assessment.completed", participation="alpha:w1", moment="end", occurred_on="2024-05-05")
    before = history.head
    scores = {**history.ledger.facts[end].data["scores"], "housing": {"status": "valid", "score": 8}}
    correction = history.correct(end, scores=scores)
    found = between(history, before)
    pair = changed(found, "I06", "domain=housing")
    change = only(pair)
    assert (pair.numerator, pair.denominator, change.before.amount, change.after.amount) == (3, 0, (5, 5), (5, 8))
    assert causes(change) == [(correction, "corrected")]
    assert [c.after.by for c in found.figures if c.after.code == "I06" and c.after.level == "total"] == [
        {"domain": "housing"}
    ]


def test_an_erasure_changes_no_figure(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    before = history.head
    erased = history.fact("person.erased", person=history.ledger.facts[enrolment(history)].data["person"])
    for service in ("intake", "sessions", "groups"):
        history.ledger.record("key.destroyed", participation="alpha:w1", because_of=erased, service=service)
    assert history.head == before + 4
    assert between(history, before).figures == []
    assert history.count("D08", "source=intake") == (0, None, 0, {})


def enrolment(history: History) -> str:
    return next(f.first_id for f in history.ledger.facts.values() if f.kind == "participation.enrolled")


def test_an_edition_that_is_not_opened_at_one_side_has_no_diff(history: History) -> None:
    history.report()
    with pytest.raises(UnknownEdition):
        between(history, 0)
