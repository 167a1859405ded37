"""Indicators D01 to D08 over hand-made histories, with the numbers written out."""

from hand_made import figures, ratio, small_edition
from history_defaults import person


def test_d01_facts_that_match_nothing_by_reason() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    ledger.record("session.held")
    ledger.record("session.held", occurred_on="2023-09-30")  # before the enrolment: a matter of dates
    ledger.record("session.missed", participation="alpha:w9")
    ledger.record("goal.set", project="spp:p2")
    ledger.record("referral.made", project="spp:p9", referral="alpha:r1")
    ledger.record("groupsession.held", group="alpha:g9", present=["alpha:w1", "beta:w1"])
    assert ratio(ledger, "D01") == (5, 7, "71.4")
    assert ratio(ledger, "D01", reason="not_enrolled") == (1, 7, "14.3")
    assert ratio(ledger, "D01", reason="group_retracted") == (2, 7, "28.6")
    assert ratio(ledger, "D01", cpas="beta", reason="group_retracted") == (1, 1, "100.0")
    assert ratio(ledger, "D01", project="spp:p9", reason="project_unknown") == (1, 1, "100.0")
    parts = [item["by"] for item in figures(ledger) if item["code"] == "D01"]
    assert parts[:5] == [
        {}, {"reason": "group_retracted"}, {"reason": "not_enrolled"}, {"reason": "project_differs"},
        {"reason": "project_unknown"},
    ]  # fmt: skip


def test_d01_facts_of_an_unknown_project_are_in_the_report_of_every_edition_and_count_nowhere_else() -> None:
    ledger = small_edition()
    ledger.record("session.held", project="spp:p9")
    ledger.record("groupsession.held", project="spp:p9", group="alpha:g1", absent=["alpha:w1"])
    assert ratio(ledger, "D01") == (2, 2, "100.0")
    assert ratio(ledger, "I08") == (0, None, 0)
    assert ratio(ledger, "D03") == (0, 0, None)


def test_d02_variables_that_are_missing() -> None:
    ledger = small_edition()
    ledger.record(
        "participation.enrolled", participation="alpha:w1", education="not_answered", age_band="not_available"
    )
    ledger.record("participation.enrolled", participation="alpha:w2", education="not_available")
    ledger.record("participation.enrolled", participation="alpha:w3")
    assert ratio(ledger, "D02") == (2, 3, "66.7")
    assert ratio(ledger, "D02", variable="education") == (2, 3, "66.7")
    assert ratio(ledger, "D02", variable="age_band") == (1, 3, "33.3")
    assert ratio(ledger, "D02", variable="employment") == (0, 3, "0.0")


def test_d03_late_is_more_than_three_days_after_by_the_day_in_brussels() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", time="2023-10-05T21:59:59.000000Z")
    ledger.record("session.held", time="2023-10-05T22:00:00.000000Z")
    ledger.record("session.held", participation="alpha:w9", time="2023-10-06T08:00:00.000000Z")
    held = ledger.record("groupsession.held", time="2023-10-02T08:00:00.000000Z")
    assert ratio(ledger, "D03") == (2, 4, "50.0")
    assert ratio(ledger, "D03", family="session") == (2, 2, "100.0")
    assert ratio(ledger, "D03", family="groupsession") == (0, 1, "0.0")
    ledger.correct(held, time="2023-10-20T08:00:00.000000Z", duration_minutes=30)
    assert ratio(ledger, "D03", family="groupsession") == (1, 1, "100.0")


def test_d04_facts_outside_the_edition() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", occurred_on="2023-08-31")
    ledger.record("session.held")
    ledger.record("session.missed", occurred_on="2024-07-01")
    ledger.record("groupsession.held")
    ledger.record("goal.set", occurred_on="2024-07-01")
    assert ratio(ledger, "D04") == (2, 4, "50.0")


def test_d05_assessments_without_their_other_half() -> None:
    ledger = small_edition()
    for number, moments in enumerate((("start", "end"), ("start",), ("end",), ()), start=1):
        participation = f"alpha:w{number}"
        ledger.record("participation.enrolled", participation=participation, person=person(number))
        for moment in moments:
            ledger.record("assessment.completed", participation=participation, moment=moment)
    assert ratio(ledger, "D05") == (2, 3, "66.7")
    assert ratio(ledger, "D05", side="no_end") == (1, 3, "33.3")
    assert ratio(ledger, "D05", side="no_start") == (1, 3, "33.3")


def test_d06_women_who_came_back_moved_or_have_no_number() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", participation="alpha:w1", person=person(1))
    ledger.record("participation.enrolled", participation="alpha:w2", person=person(1), person_known_by="none")
    ledger.record("participation.enrolled", participation="beta:w1", project="spp:p2", person=person(1))
    ledger.record("participation.enrolled", participation="alpha:w3", person=person(2), person_known_by="none")
    assert ratio(ledger, "D06", kind="re_entry") == (1, 2, "50.0")
    assert ratio(ledger, "D06", kind="move") == (1, 2, "50.0")
    assert ratio(ledger, "D06", kind="without_number") == (1, 2, "50.0")
    assert ratio(ledger, "D06", cpas="beta", kind="re_entry") == (1, 1, "100.0")


def test_d07_refusals_by_rule_and_emitter() -> None:
    ledger = small_edition()
    counts = [
        {"emitter": "alpha", "rule": "required", "count": 2},
        {"emitter": "alpha", "rule": "required", "count": 3},
        {"emitter": "spp", "rule": "unknown_code", "count": 4},
    ]
    ledger.record("door.tallied", service="sessions", counts=counts, last=9)
    ledger.record("door.tallied", service="groups", counts=counts[:1], last=2)
    assert ratio(ledger, "D07") == (11, None, 11)
    assert ratio(ledger, "D07", rule="required") == (7, None, 7)
    assert ratio(ledger, "D07", cpas="alpha") == (7, None, 7)
    assert ratio(ledger, "D07", region="brussels", rule="unknown_code") == (0, None, 0)
    levels = [item["by"] for item in figures(ledger) if item["code"] == "D07"]
    assert not any("project" in by for by in levels)
    assert {by["region"] for by in levels if "region" in by} == {"brussels"}  # spp is no CPAS
    assert {by["cpas"] for by in levels if "cpas" in by} == {"alpha", "spp"}


def test_d08_numbers_that_are_missing_by_source() -> None:
    ledger = small_edition()
    assert ratio(ledger, "D08") == (0, None, 0)
    ledger.skip("intake", 2)
    ledger.record("participation.enrolled")
    ledger.skip("sessions", 1)
    ledger.record("session.held")
    assert ratio(ledger, "D08") == (3, None, 3)
    assert ratio(ledger, "D08", source="intake") == (2, None, 2)
    assert ratio(ledger, "D08", source="sessions") == (1, None, 1)
