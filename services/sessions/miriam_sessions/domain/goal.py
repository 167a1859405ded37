"""A goal is set, worked at, and then reached or abandoned: one of the two, and once."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History, Standing
from miriam_contracts.judging import day, not_after, not_before, only, where
from miriam_contracts.problems import Problem


def goal_set(fact: Fact, state: History) -> Iterator[Problem]:
    """Once under its id."""
    if _of_the_goal(fact, state, "set"):
        yield Problem("goal_already_set", "data/goal")


def progressed(fact: Fact, state: History) -> Iterator[Problem]:
    """Only on a goal that was set, from that day until the goal was reached or abandoned."""
    yield from _of_a_goal_set(fact, state)
    outcome = _of_the_goal(fact, state, "reached", "abandoned")
    if outcome:
        yield from not_after(fact, day(outcome), "after_goal_outcome")


def reached_or_abandoned(fact: Fact, state: History) -> Iterator[Problem]:
    """Only a goal that was set, not before that day, and one outcome only."""
    yield from _of_a_goal_set(fact, state)
    if _of_the_goal(fact, state, "reached", "abandoned"):
        yield Problem("goal_has_outcome", "data/goal")


def _of_the_goal(fact: Fact, state: History, *names: str) -> Standing | None:
    return only(where(state.standing("goal", *names), "goal", fact.data["goal"]))


def _of_a_goal_set(fact: Fact, state: History) -> Iterator[Problem]:
    start = _of_the_goal(fact, state, "set")
    if start is None:
        yield Problem("goal_not_set", "data/goal")
    else:
        yield from not_before(fact, day(start), "before_goal_set")


RULES = {
    "goal.set": goal_set,
    "goal.progressed": progressed,
    "goal.reached": reached_or_abandoned,
    "goal.abandoned": reached_or_abandoned,
}
