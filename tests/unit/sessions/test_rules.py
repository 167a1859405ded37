"""The rules of sessions, goals, assessments and referrals."""

from dataclasses import replace
from typing import Any

import pytest

from miriam_contracts.examples import payload
from miriam_contracts.history import MOST_FACTS, History, Standing
from miriam_contracts.specification import Specification, correction, fact, retraction
from miriam_sessions import domain

SESSIONS = Specification(domain.decide)
HELD = fact("session.held")
SET = fact("goal.set")
START = fact("assessment.completed", "start")
END = fact("assessment.completed", "end")
MADE = fact("referral.made")


def scores(**changes: Any) -> dict[str, Any]:
    return {**payload("assessment.completed", "start")["scores"], **changes}


@pytest.mark.parametrize("kind", ["session.held", "session.missed"])
def test_a_session_id_is_used_once_over_held_and_missed(kind: str) -> None:
    story = SESSIONS.given(HELD)
    story.when(fact(kind, session="anderlecht:s-2041")).then_refused("session_id_used")
    story.when(fact(kind, session="anderlecht:s-2043")).then_recorded()


def test_a_session_needs_no_enrolment_known_here() -> None:
    SESSIONS.when(HELD).then_recorded()


def test_a_goal_is_set_once_under_its_id() -> None:
    SESSIONS.given(SET).when(fact("goal.set")).then_refused("goal_already_set")
    SESSIONS.given(SET).when(fact("goal.set", goal="anderlecht:g-32")).then_recorded()


@pytest.mark.parametrize("name", ["progressed", "reached", "abandoned"])
def test_a_goal_cannot_move_before_it_is_set(name: str) -> None:
    SESSIONS.when(fact(f"goal.{name}")).then_refused("goal_not_set")
    story = SESSIONS.given(SET)
    story.when(fact(f"goal.{name}")).then_recorded()
    story.when(fact(f"goal.{name}", occurred_on="2023-04-03")).then_refused("before_goal_set")
    story.when(fact(f"goal.{name}", goal="anderlecht:g-32")).then_refused("goal_not_set")


@pytest.mark.parametrize("first", ["reached", "abandoned"])
@pytest.mark.parametrize("second", ["reached", "abandoned"])
def test_a_goal_is_reached_or_abandoned_and_once(first: str, second: str) -> None:
    SESSIONS.given(SET, fact(f"goal.{first}")).when(fact(f"goal.{second}")).then_refused("goal_has_outcome")


def test_a_goal_does_not_progress_after_its_outcome() -> None:
    story = SESSIONS.given(SET, fact("goal.reached"))
    story.when(fact("goal.progressed", occurred_on="2023-11-15")).then_refused("after_goal_outcome")
    story.when(fact("goal.progressed", occurred_on="2023-11-13")).then_recorded()


def test_what_rests_on_a_retracted_goal_stays_and_nothing_new_may_rest_on_it() -> None:
    reached = fact("goal.reached")
    story = SESSIONS.given(SET, reached, retraction(SET))
    story.when(fact("goal.progressed", occurred_on="2023-05-02")).then_refused("goal_not_set")
    story.when(correction(reached, evidence="self_declared")).then_refused("goal_not_set")


def test_there_is_one_assessment_at_the_start_and_one_at_the_end() -> None:
    other_start = fact("assessment.completed", "start", assessment="anderlecht:a-8")
    SESSIONS.given(START).when(other_start).then_refused("moment_already_assessed")
    SESSIONS.given(START).when(END).then_recorded()
    other_end = fact("assessment.completed", "end", assessment="anderlecht:a-59")
    SESSIONS.given(START, END).when(other_end).then_refused("moment_already_assessed")


def test_an_assessment_has_an_id_of_its_own() -> None:
    same_id = fact("assessment.completed", "end", assessment=START.data["assessment"])
    SESSIONS.given(START).when(same_id).then_refused("assessment_id_used")


def test_the_end_is_not_assessed_before_the_start() -> None:
    early = fact("assessment.completed", "end", occurred_on="2023-02-26")
    SESSIONS.given(START).when(early).then_refused("end_before_start")
    late = fact("assessment.completed", "start", occurred_on="2024-02-21")
    SESSIONS.given(END).when(late).then_refused("start_after_end")
    SESSIONS.given(END).when(START).then_recorded()


def test_a_score_lies_on_the_scale_of_its_instrument() -> None:
    outside = fact("assessment.completed", "start", scores=scores(housing={"status": "valid", "score": 11}))
    outcome = SESSIONS.when(outside)
    outcome.then_refused("score_outside_scale")
    assert outcome.problems[0].field == "data/scores/housing/score"
    assert outcome.problems[0].allowed == "0..10"
    ends = scores(housing={"status": "valid", "score": 0}, leisure={"status": "valid", "score": 10})
    SESSIONS.when(fact("assessment.completed", "start", scores=ends)).then_recorded()
    unanswered = fact("assessment.completed", "start", scores=scores(housing={"status": "not_answered"}))
    SESSIONS.when(unanswered).then_recorded()


def test_a_referral_is_made_once_under_its_id() -> None:
    SESSIONS.given(MADE).when(fact("referral.made")).then_refused("referral_already_made")
    SESSIONS.given(MADE).when(fact("referral.made", referral="anderlecht:r-6")).then_recorded()


def test_a_referral_is_closed_only_after_it_was_made_and_once() -> None:
    closed = fact("referral.closed")
    SESSIONS.when(closed).then_refused("referral_not_made")
    SESSIONS.given(MADE).when(closed).then_recorded()
    SESSIONS.given(MADE).when(fact("referral.closed", occurred_on="2023-05-08")).then_refused("before_referral")
    SESSIONS.given(MADE, closed).when(fact("referral.closed")).then_refused("referral_already_closed")


def test_a_stream_has_a_bound_that_corrections_and_retractions_pass() -> None:
    first = Standing(HELD.event_id, HELD.event_id, "session", "held", 1, HELD.source, HELD.data)
    many = {HELD.event_id: first} | {str(n): replace(first, first_id=str(n)) for n in range(MOST_FACTS - 1)}
    full = Specification(domain.decide, History(many))
    full.when(fact("session.held", session="anderlecht:s-2043")).then_refused("too_many_facts")
    full.when(retraction(HELD)).then_recorded()
