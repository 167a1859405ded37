"""Indicators I09 to I16 over hand-made histories, with the numbers written out."""

from typing import Any

from hand_made import excluded, ratio, small_edition
from history_defaults import person
from history_ledger import LedgerBuilder


def enrolled(*participations: str, **payload: Any) -> LedgerBuilder:
    ledger = small_edition()
    for number, participation in enumerate(participations):
        ledger.record("participation.enrolled", participation=participation, **{"person": person(number), **payload})
    return ledger


def in_consortium() -> LedgerBuilder:
    """Project p3 of alpha and beta: alpha:w1 and beta:w1 are in alpha's group."""
    ledger = small_edition()
    ledger.record("consortium.formed", consortium="spp:c1", lead="alpha", members=["alpha", "beta"])
    ledger.record("project.approved", project="spp:p3", cpas="alpha", consortium="spp:c1")
    ledger.record("group.formed", group="alpha:g1", project="spp:p3", consortium="spp:c1")
    for number, participation in enumerate(("alpha:w1", "beta:w1")):
        woman = {"participation": participation, "project": "spp:p3"}
        ledger.record("participation.enrolled", person=person(number), **woman)
        ledger.record("group.joined", group="alpha:g1", **woman)
    return ledger


def test_i09_presence_counts_where_the_group_is_and_its_rate_where_the_woman_is() -> None:
    ledger = in_consortium()
    meeting = {"group": "alpha:g1", "project": "spp:p3"}
    ledger.record("groupsession.held", present=["alpha:w1", "beta:w1"], **meeting)
    ledger.record("groupsession.held", present=["alpha:w1"], absent=["beta:w1"], occurred_on="2023-10-16", **meeting)
    ledger.record("groupsession.held", excused=["beta:w1"], occurred_on="2023-11-06", **meeting)
    assert ratio(ledger, "I09", measure="mean_present") == (3, 3, "1.00")
    assert ratio(ledger, "I09", cpas="alpha", measure="mean_present") == (3, 3, "1.00")
    assert ratio(ledger, "I09", cpas="beta", measure="mean_present") == (0, 0, None)
    assert ratio(ledger, "I09", measure="presence_rate") == (3, 5, "60.0")
    assert ratio(ledger, "I09", cpas="alpha", measure="presence_rate") == (2, 2, "100.0")
    assert ratio(ledger, "I09", cpas="beta", measure="presence_rate") == (1, 3, "33.3")
    assert ratio(ledger, "I09", measure="weeks_between") == (35, 2, "2.50")


def test_i09_sessions_without_anybody_lower_the_mean_and_invalid_ones_do_not_part_the_weeks() -> None:
    ledger = enrolled("alpha:w1")
    ledger.record("group.formed")
    ledger.record("group.joined")
    ledger.record("groupsession.held", present=["alpha:w1"])
    ledger.record("groupsession.held", occurred_on="2023-10-05", project="spp:p2")
    ledger.record("groupsession.held", occurred_on="2023-10-09")
    assert ratio(ledger, "I09", measure="mean_present") == (1, 2, "0.50")
    assert ratio(ledger, "I09", measure="weeks_between") == (7, 1, "1.00")
    assert excluded(ledger, "I09", measure="mean_present") == {"project_differs": 1}


def test_i10_and_i11_exits_by_reason() -> None:
    ledger = enrolled(*(f"alpha:w{number}" for number in range(1, 8)))
    reasons = ("completed", "employment", "training", "moved", "moved", "health")
    for number, reason in enumerate(reasons, start=1):
        ledger.record("participation.ended", participation=f"alpha:w{number}", reason=reason)
    ledger.record("participation.ended", participation="alpha:w9")
    assert ratio(ledger, "I10") == (3, 7, "42.9")
    assert ratio(ledger, "I10", reason="moved") == (2, 7, "28.6")
    assert ratio(ledger, "I10", reason="withdrew") == (0, 7, "0.0")
    assert ratio(ledger, "I11") == (6, 7, "85.7")
    assert ratio(ledger, "I11", reason="moved") == (2, 6, "33.3")
    assert ratio(ledger, "I11", reason="completed") == (1, 6, "16.7")
    assert ratio(ledger, "I11", measure="employment_or_training") == (2, 6, "33.3")
    assert excluded(ledger, "I11") == {"not_enrolled": 1}


def test_i11_an_end_that_names_another_project_is_no_exit() -> None:
    ledger = enrolled("alpha:w1")
    ledger.record("participation.ended", participation="alpha:w1", project="spp:p2", reason="moved")
    assert ratio(ledger, "I10") == (0, 1, "0.0")
    assert ratio(ledger, "I11") == (0, 1, "0.0")
    assert excluded(ledger, "I11") == {}  # she stands in the denominator
    assert excluded(ledger, "I11", project="spp:p2") == {"project_differs": 1}


def test_i12_referrals_closed_and_how() -> None:
    ledger = enrolled("alpha:w1")
    for name, domain in (("r1", "housing"), ("r2", "housing"), ("r3", "health")):
        ledger.record("referral.made", referral=f"alpha:{name}", domain=domain)
    ledger.record("referral.closed", referral="alpha:r1", outcome="taken_up", occurred_on="2023-10-05")
    ledger.record("referral.closed", referral="alpha:r1", outcome="unknown", occurred_on="2023-10-06")
    ledger.record("referral.closed", referral="alpha:r3", outcome="unknown")
    ledger.record("referral.closed", referral="alpha:r9")
    ledger.record("referral.made", referral="alpha:r1", participation="alpha:w9")
    assert ratio(ledger, "I12") == (2, 3, "66.7")
    assert ratio(ledger, "I12", domain="housing") == (1, 2, "50.0")
    assert ratio(ledger, "I12", domain="mobility") == (0, 0, None)
    assert ratio(ledger, "I12", outcome="taken_up") == (1, 2, "50.0")
    assert ratio(ledger, "I12", outcome="refused_by_partner") == (0, 2, "0.0")
    assert excluded(ledger, "I12") == {"not_enrolled": 1, "referral_not_made": 1}


def test_i13_money_by_woman_and_by_place() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3", person=person(7))
    ledger.record("session.held", participation="alpha:w1")
    ledger.record("session.held", participation="alpha:w2")
    ledger.record("project.payment_made", amount=20_000_00)
    ledger.record("project.payment_made", amount=5_00)
    ledger.record("project.payment_made", project="spp:p9", amount=1)
    ledger.record("project.cost_declared", project="spp:p2", amount=100_01)
    assert ratio(ledger, "I13", measure="budget") == (100_000_00, None, "100000.00")
    assert ratio(ledger, "I13", measure="subsidy") == (100_000_00, None, "100000.00")
    assert ratio(ledger, "I13", measure="paid") == (20_005_00, None, "20005.00")
    assert ratio(ledger, "I13", measure="paid_per_woman") == (20_005_00, 1, "20005.00")
    assert ratio(ledger, "I13", measure="paid_per_place") == (20_005_00, 2, "10002.50")
    assert ratio(ledger, "I13", measure="declared_per_place") == (100_01, 2, "50.00")
    assert ratio(ledger, "I13", cpas="beta", measure="declared_per_place") == (100_01, 0, None)
    assert ratio(ledger, "I13", cpas="alpha", measure="budget") == (0, None, "0.00")
    assert ratio(ledger, "I13", project="spp:p1", measure="subsidy") == (50_000_00, None, "50000.00")


def test_i14_days_to_the_first_contact() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3", "alpha:w4")
    ledger.record("group.formed")
    ledger.record("group.joined", participation="alpha:w2")
    ledger.record("session.held", participation="alpha:w1", occurred_on="2023-10-16")
    ledger.record("session.held", participation="alpha:w2", occurred_on="2023-11-01")
    ledger.record("groupsession.held", present=["alpha:w2"], occurred_on="2023-10-05")
    ledger.record("session.held", participation="alpha:w3", occurred_on="2023-10-01")
    assert ratio(ledger, "I14") == (None, 2, "8.5")
    assert excluded(ledger, "I14") == {"no_session": 2}
    ledger.record("session.held", participation="alpha:w3", occurred_on="2023-10-02")
    assert ratio(ledger, "I14") == (None, 3, "3.0")


def test_i15_the_last_follow_up_of_those_who_left() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3")
    for participation in ("alpha:w1", "alpha:w2"):
        ledger.record("participation.ended", participation=participation)
    ledger.record("participation.followed_up", occurred_on="2024-10-02", situation="in_training")
    ledger.record("participation.followed_up", occurred_on="2024-10-01", situation="employed")
    ledger.record("participation.followed_up", participation="alpha:w3", situation="employed")
    assert ratio(ledger, "I15") == (1, 2, "50.0")
    assert ratio(ledger, "I15", situation="in_training") == (1, 1, "100.0")
    assert ratio(ledger, "I15", situation="employed") == (0, 1, "0.0")


def test_i16_her_situation_at_her_first_entry() -> None:
    ledger = enrolled("alpha:w1", employment="unemployed", education="tertiary", person=person(1))
    again = {"participation": "alpha:w2", "occurred_on": "2023-11-01", "person": person(1)}
    ledger.record("participation.enrolled", employment="employed", **again)
    ledger.record("participation.enrolled", participation="alpha:w3", employment="not_answered", person=person(2))
    ledger.record("participation.enrolled", participation="alpha:w4", employment="employed", person=person(3))
    assert ratio(ledger, "I16", employment="unemployed") == (1, 2, "50.0")
    assert ratio(ledger, "I16", employment="employed") == (1, 2, "50.0")
    assert excluded(ledger, "I16", employment="employed") == {"not_answered": 1}
    assert ratio(ledger, "I16", education="tertiary") == (1, 3, "33.3")
    assert ratio(ledger, "I16", age_band="30_54") == (3, 3, "100.0")
