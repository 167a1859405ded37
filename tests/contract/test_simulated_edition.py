"""The rules answer a simulated edition as its generator expects: two descriptions, made apart, agree."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from typing import Any

import miriam_groups.domain
import miriam_intake.domain
import miriam_sessions.domain
from miriam_contracts.canonical import canonical
from miriam_contracts.envelope import authority_problems, parse, without_personal
from miriam_contracts.history import INITIAL, Fact, History, evolve
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import ContractError, Refusal
from miriam_simulator import scenario

DOMAINS = {
    "intake": miriam_intake.domain.decide,
    "sessions": miriam_sessions.domain.decide,
    "groups": miriam_groups.domain.decide,
}
LATER = "2100-01-01"


class Doors:
    """The three recording services without transport, database and clock."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str, str], History] = {}
        self.recorded: dict[tuple[str, str], bytes] = {}

    def answer(self, event: dict[str, Any], kind: str, emitter: str) -> tuple[str, str]:
        """The outcome, and the first rule where it is refused."""
        body = canonical(event)
        try:
            emitted = parse(body)
        except ContractError as error:
            return "refused", error.problems[0].code
        problems = authority_problems(emitted, kind, emitter)
        if problems:
            return "refused", problems[0].code
        key = emitted.source, emitted.id
        if key in self.recorded:
            return ("duplicate", "") if self.recorded[key] == body else ("refused", "id_reused")
        of = emitted.event_type
        event_id = recorded_id(of.owner, emitted.source, emitted.id)
        data = without_personal(emitted.data)
        fact = Fact(of.family, of.fact, of.version, emitted.source, emitted.subject, data, event_id, LATER)
        stream = of.owner, of.subject_field, emitted.subject
        state = self.states.get(stream, INITIAL)
        decision = DOMAINS[of.owner](state, fact)
        if isinstance(decision, Refusal):
            return "refused", decision.problems[0].code
        recorded = {"type": of.type, "id": event_id, "origin": fact.source, "data": data}
        self.states[stream] = evolve(state, recorded)
        self.recorded[key] = body
        return "recorded", ""


def in_order_of_noting() -> Iterator[tuple[Any, str, str]]:
    diaries = list(scenario("2023-2024", seed=7, scale=0.05).diaries())
    return heapq.merge(
        *([(item, diary.kind, diary.id) for item in diary.items] for diary in diaries), key=lambda one: one[0].noted
    )


def test_every_emission_of_a_simulated_edition_is_answered_as_its_generator_expects() -> None:
    doors = Doors()
    outcomes: Counter[str] = Counter()
    for item, kind, emitter in in_order_of_noting():
        found = doors.answer(item.event, kind, emitter)
        assert found == (item.expect, item.rule), item.type
        outcomes[found[0]] += 1
    assert outcomes["recorded"] > 1000
    assert outcomes["refused"]
    assert outcomes["duplicate"]
