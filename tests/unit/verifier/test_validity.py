"""Why a fact is not valid: each reason, and which comes first."""

from typing import Any

import pytest
from hand_made import excluded, ratio, small_edition
from history_ledger import LedgerBuilder


def with_group(**group: Any) -> LedgerBuilder:
    """Group alpha:g1 of p1, which alpha:w1 has joined; both from 2 October."""
    ledger = small_edition()
    ledger.record("participation.enrolled")
    ledger.record("group.formed", group="alpha:g1", **group)
    ledger.record("group.joined", group="alpha:g1", participation="alpha:w1")
    return ledger


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"participation": "beta:w1"}, "project_not_carried"),
        ({"participation": "beta:w1", "occurred_on": "2024-07-01"}, "project_not_carried"),
        ({"occurred_on": "2023-08-31", "eligibility": "living_wage_child_under_six"}, "enrolled_outside_edition"),
        ({"occurred_on": "2024-07-01"}, "enrolled_outside_edition"),
        ({"eligibility": "living_wage_child_under_six"}, "basis_not_allowed"),
    ],
)
def test_an_enrolment_is_left_out_by_the_first_reason_that_holds(changes: dict[str, Any], reason: str) -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", **changes)
    assert excluded(ledger, "I01") == {reason: 1}


@pytest.mark.parametrize("day", ["2023-09-01", "2024-06-30"])
def test_the_first_and_last_day_belong_to_the_edition(day: str) -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", occurred_on=day)
    ledger.record("session.held", occurred_on=day)
    assert ratio(ledger, "I01") == (1, 1, 1)


def test_a_member_of_a_standing_consortium_carries_its_project_and_the_lead_is_a_member() -> None:
    ledger = small_edition()
    ledger.record("project.approved", project="spp:p3", cpas="alpha", consortium="spp:c1")
    for participation in ("beta:w1", "gamma:w1"):
        ledger.record("participation.enrolled", participation=participation, project="spp:p3")
    assert excluded(ledger, "I01") == {"project_not_carried": 2}
    formed = ledger.record("consortium.formed", consortium="spp:c1", lead="gamma", members=["alpha", "beta"])
    assert excluded(ledger, "I01") == {}
    assert ratio(ledger, "I01") == (0, 2, 0)
    ledger.retract(formed)
    assert excluded(ledger, "I01") == {"project_not_carried": 2}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"participation": "alpha:w9"}, "not_enrolled"),
        ({"project": "spp:p2"}, "project_differs"),
        ({"occurred_on": "2023-08-31"}, "outside_edition"),
        ({"occurred_on": "2024-07-01"}, "outside_edition"),
        ({"occurred_on": "2023-10-01"}, "before_enrolment"),
        ({"occurred_on": "2023-12-02"}, "after_end"),
    ],
)
def test_a_session_is_left_out_by_the_first_reason_that_holds(changes: dict[str, Any], reason: str) -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", occurred_on="2023-10-02")
    ledger.record("participation.ended", occurred_on="2023-12-01", project="spp:p2")
    parts: dict[str, dict[str, str]] = {"session.held": {}, "session.missed": {"measure": "missed"}}
    for kind, by in parts.items():
        ledger.record(kind, **changes)
        assert excluded(ledger, "I08", **by) == {reason: 1}


def test_on_the_day_of_the_end_a_session_still_counts() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    ledger.record("participation.ended", occurred_on="2023-12-01")
    ledger.record("session.held", occurred_on="2023-12-01")
    assert ratio(ledger, "I08") == (1, None, 1)


def test_a_fact_takes_over_the_reason_of_its_enrolment() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", eligibility="living_wage_child_under_six")
    ledger.record("session.held")
    ledger.record("goal.set")
    assert excluded(ledger, "I08") == excluded(ledger, "I07") == {"basis_not_allowed": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"group": "alpha:g9"}, "group_retracted"),
        ({"project": "spp:p2"}, "project_differs"),
        ({"occurred_on": "2024-07-01"}, "outside_edition"),
    ],
)
def test_a_group_session_is_left_out_by_the_first_reason_that_holds(changes: dict[str, Any], reason: str) -> None:
    ledger = with_group()
    ledger.record("groupsession.held", present=["alpha:w1"], **changes)
    assert excluded(ledger, "I09", measure="mean_present") == {reason: 2}  # the session, and her presence
    assert excluded(ledger, "I09", measure="presence_rate") == {reason: 1}


def test_a_group_of_a_cpas_that_does_not_carry_the_project_holds_no_valid_session() -> None:
    ledger = small_edition()
    ledger.record("group.formed", group="beta:g1", project="spp:p1")
    ledger.record("groupsession.held", group="beta:g1", project="spp:p1")
    assert excluded(ledger, "I09", measure="mean_present") == {"project_not_carried": 1}


@pytest.mark.parametrize(
    ("day", "reason"),
    [("2023-10-01", "not_a_member"), ("2023-11-01", ""), ("2023-11-02", "not_a_member"), ("2023-12-01", "")],
)
def test_she_is_a_member_from_joining_to_the_day_of_leaving_and_again_after_coming_back(day: str, reason: str) -> None:
    ledger = with_group()
    ledger.record("group.left", group="alpha:g1", participation="alpha:w1", occurred_on="2023-11-01")
    ledger.record("group.joined", group="alpha:g1", participation="alpha:w1", occurred_on="2023-12-01")
    ledger.record("groupsession.held", occurred_on=day, excused=["alpha:w1"])
    assert excluded(ledger, "I09", measure="presence_rate") == ({reason: 1} if reason else {})


def test_a_woman_of_another_cpas_needs_the_consortium_of_the_group() -> None:
    ledger = with_group(consortium="spp:c1")
    ledger.record("participation.enrolled", participation="beta:w1", project="spp:p1")
    ledger.record("group.joined", group="alpha:g1", participation="beta:w1")
    ledger.record("groupsession.held", present=["beta:w1"])
    assert excluded(ledger, "I09", measure="presence_rate") == {"outside_consortium": 1}
    ledger.record("consortium.formed", consortium="spp:c1", lead="beta", members=["alpha", "gamma"])
    assert excluded(ledger, "I09", measure="presence_rate") == {"project_not_carried": 1}  # p1 names no consortium


def test_an_attendance_before_the_enrolment_or_after_the_end_is_left_out() -> None:
    ledger = with_group()
    for participation in ("alpha:w2", "alpha:w3"):
        ledger.record("group.joined", participation=participation)
    ledger.record("participation.enrolled", participation="alpha:w2", occurred_on="2023-11-02")
    ledger.record("participation.enrolled", participation="alpha:w3")
    ledger.record("participation.ended", participation="alpha:w3", occurred_on="2023-10-31")
    ledger.record("groupsession.held", occurred_on="2023-11-01", present=["alpha:w1", "alpha:w2"], absent=["alpha:w3"])
    assert excluded(ledger, "I09", measure="presence_rate") == {"after_end": 1, "before_enrolment": 1}
    assert ratio(ledger, "I09", measure="mean_present") == (1, 1, "1.00")


def test_a_woman_in_two_lists_counts_in_the_first() -> None:
    ledger = with_group()
    ledger.record("groupsession.held", excused=["alpha:w1"], present=["alpha:w1"])
    assert ratio(ledger, "I09", measure="presence_rate") == (1, 1, "100.0")
    ledger.record("groupsession.held", absent=["alpha:w1"], excused=["alpha:w1"])
    assert ratio(ledger, "I09", measure="presence_rate") == (1, 2, "50.0")
