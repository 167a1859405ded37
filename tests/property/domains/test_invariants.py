"""Whatever comes, in whatever order: what a stream's rules promise holds after every recorded fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import miriam_groups.domain
import miriam_intake.domain
import miriam_sessions.domain
from miriam_contracts.history import INITIAL, Fact, History, evolve
from miriam_contracts.problems import Refusal
from miriam_contracts.specification import Decide, correction, fact, retraction

DAYS = st.sampled_from(["2023-03-01", "2023-03-02", "2023-03-03", "2023-03-04"])
WOMEN = [f"anderlecht:p-{n}" for n in range(3)]


def some(prefix: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"anderlecht:{prefix}-1", f"anderlecht:{prefix}-2"])


def plain(*kinds: str, example: str = "typical", **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    return st.builds(
        lambda kind, changes: fact(kind, example, **changes),
        st.sampled_from(kinds),
        st.fixed_dictionaries({"occurred_on": DAYS, **fields}),
    )


LISTS = st.permutations(WOMEN).flatmap(
    lambda women: st.integers(0, 3).map(
        lambda cut: {"present": women[:cut], "excused": women[cut:], "absent": women[: cut % 2]}
    )
)
PARTICIPATION = plain(
    "participation.referred", "participation.paused", "participation.resumed", "participation.consent_withdrawn",
    "participation.ended", "participation.followed_up", "participation.case_manager_changed",
) | plain("participation.enrolled", consented_on=st.just("2023-02-01"))  # fmt: skip
SESSIONS = (
    plain("session.held", "session.missed", session=some("s"))
    | plain("goal.set", "goal.progressed", "goal.reached", "goal.abandoned", goal=some("g"))
    | plain("referral.made", "referral.closed", referral=some("r"))
    | plain("assessment.completed", example="start", assessment=some("a"))
    | plain("assessment.completed", example="end", assessment=some("a"))
)
GROUPS = (
    plain("group.formed", "group.closed")
    | plain("group.joined", "group.left", participation=st.sampled_from(WOMEN))
    | plain("groupsession.cancelled", groupsession=some("gs"))
    | st.builds(
        lambda day, session, lists: fact("groupsession.held", occurred_on=day, groupsession=session, **lists),
        DAYS,
        some("gs"),
        LISTS,
    )
)


def several(found: Iterable[object]) -> list[object]:
    return [one for one, count in Counter(found).items() if count > 1]


def check_participation(state: History) -> None:
    once = ("referred", "enrolled", "consent_withdrawn", "ended")
    assert several(f.name for f in state.standing("participation", *once)) == []


def check_sessions(state: History) -> None:
    assert several(f.data["session"] for f in state.standing("session")) == []
    assert several(f.data["goal"] for f in state.standing("goal", "set")) == []
    assert several(f.data["goal"] for f in state.standing("goal", "reached", "abandoned")) == []
    assert several(f.data["moment"] for f in state.standing("assessment")) == []
    assert several(f.data["assessment"] for f in state.standing("assessment")) == []
    assert several((f.name, f.data["referral"]) for f in state.standing("referral")) == []
    moments = {f.data["moment"]: f.data["occurred_on"] for f in state.standing("assessment")}
    assert moments.get("start", "") <= moments.get("end", "9999")


def check_groups(state: History) -> None:
    assert several(f.name for f in state.standing("group", "formed", "closed")) == []
    assert several(f.data["groupsession"] for f in state.standing("groupsession")) == []
    for held in state.standing("groupsession", "held"):
        assert several([*held.data["present"], *held.data["excused"], *held.data["absent"]]) == []


CASES = {
    "participation": (miriam_intake.domain.decide, PARTICIPATION, check_participation),
    "sessions": (miriam_sessions.domain.decide, SESSIONS, check_sessions),
    "groups": (miriam_groups.domain.decide, GROUPS, check_groups),
}


def history(decide: Decide, data: st.DataObject, facts: st.SearchStrategy[Fact]) -> Iterable[tuple[Fact, History]]:
    """Facts, corrections and retractions at random, and the state after each that is recorded."""
    state, recorded = INITIAL, list[Fact]()
    for _ in range(data.draw(st.integers(1, 12))):
        step = data.draw(st.sampled_from(["fact", "fact", "fact", "correct", "retract"]))
        one = data.draw(facts)
        if step != "fact" and recorded:
            first = data.draw(st.sampled_from(recorded))
            # The correction takes the payload of another fact of the same kind where there is one.
            same = (one.family, one.name, set(one.data)) == (first.family, first.name, set(first.data))
            changes = dict(one.data) if same else {"occurred_on": data.draw(DAYS)}
            one = correction(first, **changes) if step == "correct" else retraction(first)
        decision = decide(state, one)
        if isinstance(decision, Refusal):
            continue
        if one.name not in ("corrected", "retracted"):
            recorded.append(one)
        event = {"type": f"miriam.{one.family}.{one.name}.v{one.version}", "id": one.event_id, "origin": one.source}
        state = evolve(state, {**event, "data": decision[0].data})
        yield one, state


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_the_rules_promise_holds_after_every_recorded_fact(name: str, data: st.DataObject) -> None:
    decide, facts, check = CASES[name]
    for _, state in history(decide, data, facts):
        check(state)


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_decision_changes_nothing_and_is_the_same_again(name: str, data: st.DataObject) -> None:
    decide, facts, _ = CASES[name]
    for _, state in history(decide, data, facts):
        before = dict(state.facts)
        one = data.draw(facts)
        assert decide(state, one) == decide(state, one)
        assert dict(state.facts) == before
