"""I07 to I09, I12, I14: goals, sessions, group attendance, referrals, first contact."""

from __future__ import annotations

from indicator_history import History


def test_goals_by_domain_outcome_and_evidence(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    for number, domain in enumerate(("housing", "housing", "training", "training"), 1):
        history.fact("goal.set", participation="alpha:w1", goal=f"alpha:o{number}", domain=domain)
    on = {"participation": "alpha:w1", "occurred_on": "2024-01-10"}
    history.fact("goal.reached", goal="alpha:o1", evidence="document", **on)
    history.fact("goal.reached", goal="alpha:o1", **{**on, "occurred_on": "2024-01-09"}, evidence="case_manager")
    history.fact("goal.abandoned", goal="alpha:o2", **on)
    history.fact("goal.reached", goal="alpha:o3", evidence="document", **on)
    history.fact("goal.abandoned", goal="alpha:o3", **on)
    history.fact("goal.reached", participation="alpha:w2", goal="alpha:o1")  # hers was never set
    assert history.count("I07") == (2, 4, "50.0", {"goal_not_set": 1})
    assert history.count("I07", "domain=housing") == (1, 2, "50.0", {})
    assert history.count("I07", "outcome=reached") == (2, 4, "50.0", {})
    assert history.count("I07", "outcome=abandoned") == (1, 4, "25.0", {})
    assert history.count("I07", "outcome=open") == (1, 4, "25.0", {})
    assert history.count("I07", "evidence=document") == (1, 2, "50.0", {})
    assert history.count("I07", "evidence=case_manager") == (1, 2, "50.0", {})


def test_a_goal_of_somebody_never_enrolled_is_excluded_and_not_missed_as_unset(history: History) -> None:
    history.fact("goal.set", participation="alpha:w1", goal="alpha:o1")
    history.fact("goal.reached", participation="alpha:w1", goal="alpha:o1")
    assert history.count("I07") == (0, 0, None, {"not_enrolled": 1})


def test_of_two_goals_with_one_id_the_first_counts(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("goal.set", participation="alpha:w1", goal="alpha:o1", domain="housing", occurred_on="2023-11-02")
    history.fact("goal.set", participation="alpha:w1", goal="alpha:o1", domain="training", occurred_on="2023-11-01")
    assert history.count("I07") == (0, 1, "0.0", {})
    assert history.count("I07", "domain=training") == (0, 1, "0.0", {})


def test_sessions_hours_and_median(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "beta:w3", "beta:w4")
    for participation, times in (("alpha:w1", 3), ("alpha:w2", 1), ("beta:w3", 4)):
        for _ in range(times):
            history.fact("session.held", participation=participation, duration_minutes=50)
    history.fact("session.missed", participation="beta:w4")
    assert history.count("I08") == (8, None, 8, {})
    assert history.count("I08", "measure=hours") == (400, None, "6.67", {})
    assert history.count("I08", "measure=median_per_woman") == (None, 3, "3.0", {})
    assert history.count("I08", "measure=median_per_woman", cpas="alpha") == (None, 2, "2.0", {})
    assert history.count("I08", "measure=missed") == (1, None, 1, {})


def test_a_median_between_two_women_has_a_half(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    for participation, times in (("alpha:w1", 1), ("alpha:w2", 2)):
        for _ in range(times):
            history.fact("session.held", participation=participation)
    assert history.count("I08", "measure=median_per_woman") == (None, 2, "1.5", {})


def test_her_median_counts_at_a_cpas_the_sessions_there(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("beta:w2", woman=1)
    history.fact("session.held", participation="alpha:w1")
    for _ in range(2):
        history.fact("session.held", participation="beta:w2")
    assert history.count("I08", "measure=median_per_woman") == (None, 1, "3.0", {})
    assert history.count("I08", "measure=median_per_woman", cpas="beta") == (None, 1, "2.0", {})


def test_group_attendance(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    history.fact("group.formed", group="alpha:g1")
    for woman in ("alpha:w1", "alpha:w2"):
        history.fact("group.joined", group="alpha:g1", participation=woman)
    meet = {"group": "alpha:g1"}
    history.fact("groupsession.held", occurred_on="2023-10-03", present=["alpha:w1", "alpha:w2"], **meet)
    history.fact("groupsession.held", occurred_on="2023-10-17", present=["alpha:w1"], excused=["alpha:w2"], **meet)
    history.fact("groupsession.held", occurred_on="2023-10-20", absent=["alpha:w1", "alpha:w2"], **meet)
    history.fact("groupsession.held", occurred_on="2024-07-01", present=["alpha:w1"], **meet)
    assert history.count("I09", "measure=mean_present") == (3, 3, "1.00", {"outside_edition": 2})
    assert history.count("I09", "measure=presence_rate") == (3, 6, "50.0", {"outside_edition": 1})
    # 14 and 3 days after the one before.
    assert history.count("I09", "measure=weeks_between") == (17, 2, "1.21", {})


def test_presence_is_counted_at_her_cpas_and_the_session_at_the_groups(history: History) -> None:
    history.fact("consortium.formed", consortium="spp:c1", lead="alpha", members=["alpha", "gamma"])
    history.fact("project.approved", project="spp:p3", cpas="alpha", consortium="spp:c1")
    history.fact("group.formed", group="alpha:g1", project="spp:p3", consortium="spp:c1")
    history.enrol("gamma:w1", project="spp:p3")
    history.fact("group.joined", group="alpha:g1", project="spp:p3", participation="gamma:w1")
    history.fact("groupsession.held", group="alpha:g1", project="spp:p3", present=["gamma:w1", "beta:w9"])
    assert history.count("I09", "measure=mean_present", cpas="alpha") == (1, 1, "1.00", {"outside_consortium": 1})
    assert history.count("I09", "measure=presence_rate", cpas="gamma") == (1, 1, "100.0", {})
    assert history.count("I09", "measure=presence_rate", cpas="beta") == (0, 0, None, {"outside_consortium": 1})


def test_a_woman_in_two_lists_of_a_session_counts_in_the_first(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("group.formed", group="alpha:g1")
    history.fact("group.joined", group="alpha:g1", participation="alpha:w1")
    history.fact("groupsession.held", group="alpha:g1", present=["alpha:w1"], excused=["alpha:w1"], absent=["alpha:w1"])
    history.fact("groupsession.held", group="alpha:g1", excused=["alpha:w1"], absent=["alpha:w1"])
    assert history.count("I09", "measure=presence_rate") == (1, 2, "50.0", {})
    assert history.count("D01") == (0, 2, "0.0", {})


def test_referrals_made_and_closed(history: History) -> None:
    history.enrol("alpha:w1")
    for number, domain in enumerate(("housing", "housing", "health"), 1):
        history.fact("referral.made", participation="alpha:w1", referral=f"alpha:r{number}", domain=domain)
    history.fact("referral.closed", participation="alpha:w1", referral="alpha:r1", outcome="taken_up")
    history.fact("referral.closed", participation="alpha:w1", referral="alpha:r3", outcome="not_taken_up")
    history.fact("referral.closed", participation="alpha:w1", referral="alpha:r9")
    history.fact("referral.made", participation="alpha:w1", referral="alpha:r4", project="spp:p2")
    assert history.count("I12") == (2, 3, "66.7", {"project_differs": 1, "referral_not_made": 1})
    assert history.count("I12", "domain=housing") == (1, 2, "50.0", {})
    assert history.count("I12", "outcome=taken_up") == (1, 2, "50.0", {})
    assert history.count("I12", "outcome=unknown") == (0, 2, "0.0", {})


def test_days_to_the_first_contact(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "alpha:w3", "beta:w4")
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-12")
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-06")
    history.fact("group.formed", group="alpha:g1")
    history.fact("group.joined", group="alpha:g1", participation="alpha:w2")
    history.fact("groupsession.held", group="alpha:g1", occurred_on="2023-10-09", present=["alpha:w2"])
    # 4 and 7 days; w3 and w4 were not met.
    assert history.count("I14") == (None, 2, "5.5", {"no_session": 2})
    assert history.count("I14", cpas="beta") == (None, 0, None, {"no_session": 1})
