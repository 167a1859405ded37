"""Why a fact does not count: the first reason of the page that holds, and no other."""

from __future__ import annotations

from indicator_history import History


def test_a_session_is_left_out_for_the_first_reason_that_holds(history: History) -> None:
    history.enrol("alpha:w1", on="2023-10-02")
    history.enrol("alpha:w2", eligibility="living_wage_child_under_six")
    history.fact("participation.ended", participation="alpha:w1", occurred_on="2024-03-01")
    for day in ("2023-10-01", "2023-10-02", "2024-03-01", "2024-03-02", "2023-08-31", "2024-07-01"):
        history.fact("session.held", participation="alpha:w1", occurred_on=day)
    history.fact("session.held", participation="alpha:w1", project="spp:p2", occurred_on="2020-01-01")
    history.fact("session.held", participation="alpha:w2", occurred_on="2020-01-01")
    history.fact("session.held", participation="alpha:w3", occurred_on="2020-01-01")
    assert history.count("I08") == (
        2,
        None,
        2,
        {
            "after_end": 1,
            "basis_not_allowed": 1,
            "before_enrolment": 1,
            "not_enrolled": 1,
            "outside_edition": 2,
            "project_differs": 1,
        },
    )


def test_what_rests_on_a_retracted_enrolment_is_excluded_by_that_name(history: History) -> None:
    history.enrol("alpha:w1")
    enrolment = next(iter(reversed(history.ledger.facts)))
    history.fact("session.held", participation="alpha:w1")
    before = history.head
    history.retract(enrolment)
    assert history.count("I08", as_of=before) == (1, None, 1, {})
    assert history.count("I08") == (0, None, 0, {"enrolment_retracted": 1})
    history.enrol("alpha:w1", on="2023-10-01")
    assert history.count("I08") == (1, None, 1, {})


def test_of_two_enrolments_the_first_judges(history: History) -> None:
    history.enrol("alpha:w1", on="2023-11-01")
    history.enrol("alpha:w1", on="2023-10-15", project="spp:p2")
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-12-01")
    assert history.count("I08") == (0, None, 0, {"project_differs": 1})
    assert history.count("I01") == (0, 0, 0, {"project_not_carried": 1})


def test_a_group_session_is_left_out_for_the_first_reason_that_holds(history: History) -> None:
    history.fact("group.formed", group="alpha:g1")
    history.fact("group.formed", group="alpha:g2", project="spp:p2")
    history.fact("groupsession.held", group="alpha:g1")
    history.fact("groupsession.held", group="alpha:g1", project="spp:p2", occurred_on="2020-01-01")
    history.fact("groupsession.held", group="alpha:g2", project="spp:p2", occurred_on="2020-01-01")
    history.fact("groupsession.held", group="alpha:g3", occurred_on="2020-01-01")
    history.fact("groupsession.held", group="alpha:g1", occurred_on="2020-01-01")
    assert history.count("I09", "measure=mean_present") == (
        0,
        1,
        "0.00",
        {"group_retracted": 1, "outside_edition": 1, "project_differs": 1, "project_not_carried": 1},
    )


def test_attendance_before_enrolment_or_after_the_end_is_left_out(history: History) -> None:
    history.enrol("alpha:w1", on="2023-10-10")
    history.enrol("alpha:w2", on="2023-10-02")
    history.fact("participation.ended", participation="alpha:w2", occurred_on="2023-10-08")
    history.fact("group.formed", group="alpha:g1")
    for woman in ("alpha:w1", "alpha:w2"):
        history.fact("group.joined", group="alpha:g1", participation=woman)
    history.fact(
        "groupsession.held", group="alpha:g1", occurred_on="2023-10-09", present=["alpha:w1"], absent=["alpha:w2"]
    )
    excluded = {"after_end": 1, "before_enrolment": 1}
    assert history.count("I09", "measure=presence_rate") == (0, 0, None, excluded)


def test_a_project_corrected_into_another_edition_takes_its_facts_along(history: History) -> None:
    history.fact("edition.opened", edition="2024")
    project = history.fact("project.approved", project="spp:p3", cpas="alpha")
    history.enrol("alpha:w1", project="spp:p3")
    history.correct(project, edition="2024")
    assert history.count("I01") == (0, 0, 0, {})
    figures = {figure.code: figure for figure in history.report(edition="2024").figures if not figure.by}
    assert dict(figures["I01"].excluded or ()) == {"enrolled_outside_edition": 1}
