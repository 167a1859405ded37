"""Indicators I01 to I08 over hand-made histories, with the numbers written out."""

from typing import Any

import pytest
from hand_made import excluded, figure, ratio, small_edition
from history_defaults import changes, person, scores
from history_ledger import LedgerBuilder


def enrolled(*participations: str, **payload: Any) -> LedgerBuilder:
    ledger = small_edition()
    for number, participation in enumerate(participations):
        project = "spp:p2" if participation.startswith("beta") else "spp:p1"
        woman = {"person": person(number), **payload}
        ledger.record("participation.enrolled", participation=participation, project=project, **woman)
    return ledger


def assessed(ledger: LedgerBuilder, participation: str, moment: str, **payload: Any) -> str:
    project = "spp:p2" if participation.startswith("beta") else "spp:p1"
    return ledger.record("assessment.completed", participation=participation, project=project, moment=moment, **payload)


def pair(ledger: LedgerBuilder, participation: str, start: int, end: int) -> None:
    assessed(ledger, participation, "start", scores=scores(start))
    assessed(ledger, participation, "end", scores=scores(end))


def test_i01_a_woman_is_supported_by_a_session_or_by_her_presence_in_a_group() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3", "beta:w1")
    ledger.record("group.formed")
    for participation in ("alpha:w2", "alpha:w3"):
        ledger.record("group.joined", participation=participation)
    ledger.record("session.held", participation="alpha:w1")
    ledger.record("groupsession.held", present=["alpha:w2"], excused=["alpha:w3"])
    assert ratio(ledger, "I01") == (2, 4, 2)
    assert figure(ledger, "I01")["unit"] == "women"
    assert ratio(ledger, "I01", cpas="alpha") == (2, 3, 2)
    assert ratio(ledger, "I01", region="flanders") == (0, 1, 0)
    assert ratio(ledger, "I01", project="spp:p2") == (0, 1, 0)


def test_i01_a_woman_who_moved_counts_in_each_cpas_and_once_in_the_total() -> None:
    ledger = enrolled("alpha:w1", "beta:w1", person=person(7))
    ledger.record("session.held", participation="alpha:w1")
    assert ratio(ledger, "I01") == (1, 1, 1)
    assert ratio(ledger, "I01", cpas="alpha") == (1, 1, 1)
    assert ratio(ledger, "I01", cpas="beta") == (0, 1, 0)


def test_i01_an_enrolment_that_is_left_out_does_not_show_where_she_counts_by_another() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", person=person(7))
    ledger.record("participation.enrolled", participation="alpha:w3", person=person(7), occurred_on="2024-07-01")
    assert excluded(ledger, "I01") == {}


def test_i02_and_i03_every_carrier_of_a_project_is_active_with_it() -> None:
    ledger = enrolled("alpha:w1")
    ledger.record("consortium.formed", consortium="spp:c1", lead="gamma", members=["gamma", "beta"])
    ledger.record("project.approved", project="spp:p3", cpas="gamma", consortium="spp:c1")
    ledger.record("participation.enrolled", participation="beta:w9", project="spp:p3", person=person(9))
    ledger.record("session.held", participation="beta:w9", project="spp:p3")
    assert ratio(ledger, "I02") == (1, 3, 1)
    assert ratio(ledger, "I03") == (2, 3, 2)
    assert ratio(ledger, "I02", cpas="beta") == (1, 2, 1)
    assert ratio(ledger, "I03", cpas="beta") == (1, 1, 1)
    assert ratio(ledger, "I03", region="unknown") == (1, 1, 1)
    assert ratio(ledger, "I02", project="spp:p1") == (0, 1, 0)


def test_i04_progress_is_one_better_among_four_domains_of_her_last_end_assessment() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3", "alpha:w4", "beta:w1")
    assessed(ledger, "alpha:w1", "end", changes=changes("worse", housing="better"))
    assessed(ledger, "alpha:w2", "end", changes=changes("not_answered", mobility="better", finances="same"))
    assessed(ledger, "alpha:w3", "end", changes=changes("not_available", leisure="better"))
    assessed(ledger, "alpha:w4", "start")
    assessed(ledger, "beta:w1", "end", changes=changes("better"))
    assert ratio(ledger, "I04") == (2, 3, "66.7")
    assert excluded(ledger, "I04") == {"no_end_assessment": 1, "not_answered": 1}
    assert ratio(ledger, "I04", cpas="alpha") == (1, 2, "50.0")


def test_i04_of_a_woman_who_came_back_the_later_answer_counts_in_each_of_her_places() -> None:
    ledger = enrolled("alpha:w1", "beta:w1", person=person(7))
    assessed(ledger, "alpha:w1", "end", occurred_on="2023-12-01", changes=changes("better"))
    assessed(ledger, "beta:w1", "end", occurred_on="2023-11-01", changes=changes("same"))
    places: list[dict[str, str]] = [
        {},
        {"cpas": "alpha"},
        {"cpas": "beta"},
        {"region": "brussels"},
        {"project": "spp:p2"},
    ]
    for by in places:
        assert ratio(ledger, "I04", **by) == (1, 1, "100.0")


def test_i04_an_invalid_end_assessment_is_left_out_under_the_woman() -> None:
    ledger = enrolled("alpha:w1")
    assessed(ledger, "alpha:w9", "end")
    ledger.record("assessment.completed", participation="alpha:w1", project="spp:p2", moment="end")
    assert excluded(ledger, "I04") == {"no_end_assessment": 1, "not_enrolled": 1, "project_differs": 1}
    assert excluded(ledger, "I04", project="spp:p2") == {"project_differs": 1}


def test_i05_each_domain_has_its_own_answers() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3")
    assessed(ledger, "alpha:w1", "end", changes=changes("better", leisure="not_answered"))
    assessed(ledger, "alpha:w2", "end", changes=changes("worse", leisure="not_available"))
    assert ratio(ledger, "I05", domain="housing") == (1, 2, "50.0")
    assert ratio(ledger, "I05", domain="leisure") == (0, 0, None)
    assert excluded(ledger, "I05", domain="leisure") == {"not_answered": 1, "not_available": 1}


def test_i06_the_change_over_pairs_has_its_mean_interval_and_effect() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3", "alpha:w4", "alpha:w5", "alpha:w6")
    for participation, start, end in (("alpha:w1", 4, 5), ("alpha:w2", 5, 7), ("alpha:w3", 6, 9), ("alpha:w4", 3, 3)):
        pair(ledger, participation, start, end)
    assessed(ledger, "alpha:w5", "start", scores=scores(1))
    assessed(ledger, "alpha:w5", "end", scores=scores("not_answered", housing=2))
    assessed(ledger, "alpha:w6", "end", scores=scores(1))
    found = figure(ledger, "I06", domain="leisure")
    assert (found["numerator"], found["denominator"], found["value"]) == (6, 4, "1.50")
    # changes 1, 2, 3, 0: variance 5/3, sd 1.290994, 1.96 x sqrt(5/12) = 1.265175, 1.5/sd = 1.161895
    assert found["detail"] == {
        "mean_start": "4.50", "mean_end": "6.00", "sd": "1.29", "ci_low": "0.23", "ci_high": "2.77",
        "effect_size": "1.16",
    }  # fmt: skip
    assert excluded(ledger, "I06", domain="leisure") == {"no_end": 1, "no_start": 1}
    assert ratio(ledger, "I06", domain="housing") == (7, 5, "1.40")


def test_i06_one_pair_has_no_spread_and_equal_changes_no_effect() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2")
    assert set(figure(ledger, "I06", domain="housing")["detail"].values()) == {None}
    pair(ledger, "alpha:w1", 4, 6)
    assert figure(ledger, "I06", domain="housing")["detail"] == {
        "mean_start": "4.00", "mean_end": "6.00", "sd": None, "ci_low": None, "ci_high": None, "effect_size": None,
    }  # fmt: skip
    pair(ledger, "alpha:w2", 4, 6)
    assert figure(ledger, "I06", domain="housing")["detail"] == {
        "mean_start": "4.00", "mean_end": "6.00", "sd": "0.00", "ci_low": "2.00", "ci_high": "2.00",
        "effect_size": None,
    }  # fmt: skip


def test_i06_pairs_her_first_valid_start_with_her_last_valid_end_across_participations() -> None:
    ledger = enrolled("alpha:w1", "beta:w1", person=person(7))
    assessed(ledger, "alpha:w1", "start", occurred_on="2023-10-02", scores=scores(2, housing="not_available"))
    assessed(ledger, "beta:w1", "start", occurred_on="2023-11-02", scores=scores(6))
    assessed(ledger, "alpha:w1", "end", occurred_on="2023-12-02", scores=scores(3))
    assessed(ledger, "beta:w1", "end", occurred_on="2024-01-02", scores=scores(8))
    assert ratio(ledger, "I06", domain="finances") == (6, 1, "6.00")
    assert ratio(ledger, "I06", domain="housing") == (2, 1, "2.00")
    assert ratio(ledger, "I06", cpas="alpha", domain="housing") == (2, 1, "2.00")


def test_i07_goals_are_reached_abandoned_or_open() -> None:
    ledger = enrolled("alpha:w1")
    for goal, domain in (("o1", "housing"), ("o2", "housing"), ("o3", "health"), ("o4", "health")):
        ledger.record("goal.set", goal=f"alpha:{goal}", domain=domain)
    ledger.record("goal.reached", goal="alpha:o1", evidence="document")
    ledger.record("goal.abandoned", goal="alpha:o1", occurred_on="2023-09-05")
    ledger.record("goal.reached", goal="alpha:o2", evidence="self_declared", occurred_on="2023-11-03")
    ledger.record("goal.reached", goal="alpha:o2", evidence="case_manager", occurred_on="2023-11-02")
    ledger.record("goal.abandoned", goal="alpha:o3")
    ledger.record("goal.reached", goal="alpha:o9")
    ledger.record("goal.set", goal="alpha:o5", participation="alpha:w9")
    assert ratio(ledger, "I07") == (2, 4, "50.0")
    assert excluded(ledger, "I07") == {"goal_not_set": 1, "not_enrolled": 1}
    assert ratio(ledger, "I07", domain="housing") == (2, 2, "100.0")
    assert ratio(ledger, "I07", domain="health") == (0, 2, "0.0")
    assert ratio(ledger, "I07", outcome="reached") == (2, 4, "50.0")
    assert ratio(ledger, "I07", outcome="abandoned") == (1, 4, "25.0")
    assert ratio(ledger, "I07", outcome="open") == (1, 4, "25.0")
    assert ratio(ledger, "I07", evidence="document") == (1, 2, "50.0")
    assert ratio(ledger, "I07", evidence="case_manager") == (1, 2, "50.0")
    assert ratio(ledger, "I07", evidence="self_declared") == (0, 2, "0.0")


def test_i07_a_goal_that_is_set_in_vain_hides_the_reaching_from_goal_not_set() -> None:
    ledger = enrolled("alpha:w1")
    ledger.record("goal.set", goal="alpha:o1", project="spp:p2")
    ledger.record("goal.reached", goal="alpha:o1")
    assert excluded(ledger, "I07") == {"project_differs": 1}
    assert ratio(ledger, "I07") == (0, 0, None)


def test_i08_sessions_hours_median_and_missed() -> None:
    ledger = enrolled("alpha:w1", "alpha:w2", "alpha:w3", "beta:w1")
    for participation, number in (("alpha:w1", 1), ("alpha:w2", 4), ("beta:w1", 2)):
        for _ in range(number):
            project = "spp:p2" if participation == "beta:w1" else "spp:p1"
            ledger.record("session.held", participation=participation, project=project, duration_minutes=25)
    ledger.record("session.missed", participation="alpha:w3")
    ledger.record("session.missed", participation="alpha:w9")
    assert ratio(ledger, "I08") == (7, None, 7)
    assert ratio(ledger, "I08", measure="hours") == (175, None, "2.92")
    assert ratio(ledger, "I08", measure="median_per_woman") == (None, 3, "2.0")
    assert ratio(ledger, "I08", cpas="alpha", measure="median_per_woman") == (None, 2, "2.5")
    assert ratio(ledger, "I08", measure="missed") == (1, None, 1)
    assert excluded(ledger, "I08", measure="missed") == {"not_enrolled": 1}


def test_i08_at_a_cpas_her_median_is_over_her_sessions_there() -> None:
    ledger = enrolled("alpha:w1", "beta:w1", person=person(7))
    for _ in range(3):
        ledger.record("session.held", participation="alpha:w1")
    ledger.record("session.held", participation="beta:w1", project="spp:p2")
    assert ratio(ledger, "I08", measure="median_per_woman") == (None, 1, "4.0")
    assert ratio(ledger, "I08", cpas="alpha", measure="median_per_woman") == (None, 1, "3.0")


@pytest.mark.parametrize("code", ["I01", "I04", "I08"])
def test_an_edition_without_women_has_figures_of_nothing(code: str) -> None:
    ledger = small_edition()
    found = figure(ledger, code)
    assert found["numerator"] == 0
    assert found["excluded"] == []
