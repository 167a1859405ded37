"""I01 to I03: women supported, active projects, active CPAS."""

from __future__ import annotations

from indicator_history import History


def test_a_woman_counts_as_supported_once_she_was_met(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "beta:w3")
    history.fact("session.held", participation="alpha:w1")
    history.fact("session.held", participation="beta:w3")
    assert history.count("I01") == (2, 3, 2, {})
    assert history.count("I01", cpas="alpha") == (1, 2, 1, {})
    assert history.count("I01", region="flanders") == (1, 1, 1, {})
    assert history.count("I01", project="spp:p1") == (1, 2, 1, {})


def test_group_attendance_supports_her_as_a_session_does(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    history.fact("group.formed", group="alpha:g1")
    for woman in ("alpha:w1", "alpha:w2"):
        history.fact("group.joined", group="alpha:g1", participation=woman)
    history.fact("groupsession.held", group="alpha:g1", present=["alpha:w1"], absent=["alpha:w2"])
    assert history.count("I01") == (1, 2, 1, {})


def test_one_woman_in_two_cpas_counts_in_each_and_once_in_the_total(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("beta:w2", woman=1)
    history.fact("session.held", participation="alpha:w1")
    assert history.count("I01") == (1, 1, 1, {})
    assert history.count("I01", cpas="alpha") == (1, 1, 1, {})
    assert history.count("I01", cpas="beta") == (0, 1, 0, {})


def test_linked_persons_are_one_woman_until_the_link_is_undone(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "beta:w3", "beta:w4")
    history.fact("person.linked", participation="alpha:w1", other="alpha:w2", occurred_on="2023-11-01")
    history.fact("person.linked", participation="beta:w3", other="alpha:w2", occurred_on="2023-11-01")
    linked = history.head
    # The other way round: the pair is the same.
    history.fact("person.unlinked", participation="alpha:w2", other="alpha:w1", occurred_on="2023-11-02")
    assert history.count("I01", as_of=linked) == (0, 2, 0, {})
    assert history.count("I01") == (0, 3, 0, {})


def test_an_invalid_enrolment_is_excluded_for_its_first_reason(history: History) -> None:
    history.enrol("alpha:w1", project="spp:p2", on="2022-01-01")  # neither carried nor in time
    history.enrol("alpha:w2", on="2023-08-31")
    history.enrol("alpha:w3", on="2024-07-01")
    history.enrol("alpha:w4", eligibility="living_wage_child_under_six")
    history.enrol("alpha:w5", on="2023-09-01")
    history.enrol("alpha:w6", on="2024-06-30")
    excluded = {"basis_not_allowed": 1, "enrolled_outside_edition": 2, "project_not_carried": 1}
    assert history.count("I01") == (0, 2, 0, excluded)
    assert history.count("I01", project="spp:p2") == (0, 0, 0, {"project_not_carried": 1})


def test_a_woman_who_counts_somewhere_is_not_excluded_there(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("alpha:w2", woman=1, on="2023-08-31")
    assert history.count("I01") == (0, 1, 0, {})


def test_projects_and_cpas_are_active_through_their_women(history: History) -> None:
    history.fact("consortium.formed", consortium="spp:c1", lead="beta", members=["beta", "gamma"])
    history.fact("project.approved", project="spp:p3", cpas="beta", consortium="spp:c1")
    history.enrol("gamma:w1", project="spp:p3")
    history.fact("session.held", participation="gamma:w1", project="spp:p3")
    assert history.count("I02") == (1, 3, 1, {})
    # Both members carry the project that is active; alpha's is not.
    assert history.count("I03") == (2, 3, 2, {})
    assert history.count("I02", cpas="gamma") == (1, 1, 1, {})
    assert history.count("I02", cpas="beta") == (1, 2, 1, {})
    assert history.count("I03", region="brussels") == (0, 1, 0, {})


def test_members_of_a_retracted_consortium_carry_nothing(history: History) -> None:
    formed = history.fact("consortium.formed", consortium="spp:c1", lead="beta", members=["beta", "gamma"])
    history.fact("project.approved", project="spp:p3", cpas="beta", consortium="spp:c1")
    history.enrol("gamma:w1", project="spp:p3")
    before = history.head
    history.retract(formed)
    assert history.count("I01", as_of=before) == (0, 1, 0, {})
    assert history.count("I01") == (0, 0, 0, {"project_not_carried": 1})


def test_a_cpas_without_registration_lies_in_the_unknown_region(history: History) -> None:
    history.fact("project.approved", project="spp:p3", cpas="delta")
    history.enrol("delta:w1", project="spp:p3")
    assert history.count("I01", region="unknown") == (0, 1, 0, {})
