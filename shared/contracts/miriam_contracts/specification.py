"""A domain's test in three sentences: given these facts, when this one comes, then it is recorded, or refused.

The facts are real ones: each keeps its contract and is decided like any other, also those that are given.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import emitted, payload, versioned
from miriam_contracts.history import INITIAL, Decided, Fact, History, evolve
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import Problem, Refusal
from miriam_contracts.upcasting import newest

Decide = Callable[[History, Fact], tuple[Decided, ...] | Refusal]
_numbers = itertools.count(1)
_TODAY = "2026-01-01"


def fact(kind: str, example: str = "typical", *, source: str = "", **changes: Any) -> Fact:
    """A fact out of the golden examples, `changes` made to its payload. Each call makes another fact.

    `kind` is `session.held`, or with its version `session.held.v2`.

    Raises ValueError where the payload breaks its contract: then the test would test nothing.
    """
    model = emitted(kind, example)
    return _fact(kind, source or model["source"], model["subject"], payload(kind, example, **changes))


def correction(of: Fact, *, supersedes: Fact | None = None, source: str = "", version: int = 0, **changes: Any) -> Fact:
    """A correction of a fact, with changes to its payload; `supersedes` is the version seen (else the first).

    It is told in `version`, by default in that of what it supersedes.
    """
    seen = supersedes or of
    version = version or seen.version
    latest = seen.data.get("replacement", seen.data)
    if version > seen.version:
        latest = newest(of.family, of.name, seen.version, latest)
    data = {**_reference(seen), "fact": of.name, "corrects": of.event_id, "replacement": {**latest, **changes}}
    return _fact(f"{of.family}.corrected.v{version}", source or of.source, of.subject, data)


def retraction(of: Fact, *, supersedes: Fact | None = None, source: str = "") -> Fact:
    """A retraction of a fact."""
    data = {**_reference(supersedes or of), "fact": of.name, "retracts": of.event_id}
    return _fact(f"{of.family}.retracted", source or of.source, of.subject, data)


def _reference(seen: Fact) -> dict[str, Any]:
    return {"supersedes": seen.event_id, "occurred_on": seen.data["occurred_on"], "reason": "typing_error"}


def _fact(kind: str, source: str, subject: str, data: dict[str, Any]) -> Fact:
    event_type = EVENT_TYPES[f"miriam.{versioned(kind)}"]
    problems = event_type.load(data)
    if problems:
        raise ValueError(f"{kind}: {problems}")
    event_id = recorded_id(event_type.owner, source, f"spec-{next(_numbers)}")
    version = event_type.version
    return Fact(event_type.family, event_type.fact, version, source, subject, data, event_id, _TODAY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decider made of a fact."""

    decision: tuple[Decided, ...] | Refusal

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why it was refused; none where it was recorded."""
        return self.decision.problems if isinstance(self.decision, Refusal) else ()

    def then_recorded(self) -> None:
        """The fact was recorded, as one event with its payload."""
        assert not self.problems, f"refused: {self.problems}"

    def then_refused(self, *codes: str) -> None:
        """The fact was refused, by these rules and no other."""
        found = tuple(problem.code for problem in self.problems)
        assert found == codes, f"refused by {found or 'no rule'}, not by {codes}"


@dataclass(frozen=True, slots=True)
class Specification:
    """`Specification(decide).given(...).when(...).then_refused("goal_not_set")`."""

    decide: Decide
    state: History = INITIAL

    def given(self, *facts: Fact) -> "Specification":
        """The facts that came before, each recorded in its turn. Raises AssertionError where one is refused."""
        state = self.state
        for one in facts:
            decision = self.decide(state, one)
            assert not isinstance(decision, Refusal), (
                f"given, but refused: {one.family}.{one.name}: {decision.problems}"
            )
            for event in _recorded(one, decision):
                state = evolve(state, event)
        return replace(self, state=state)

    def when(self, one: Fact) -> Outcome:
        """The fact that is put to the test."""
        return Outcome(self.decide(self.state, one))


def _recorded(one: Fact, decision: Iterable[Decided]) -> Iterable[dict[str, Any]]:
    for decided in decision:
        kind = f"miriam.{one.family}.{one.name}.v{one.version}"
        yield {"type": kind, "id": one.event_id, "origin": one.source, "data": decided.data}
