"""The kit's own events: they must be right, or it would find fault with a program that does as it should."""

from __future__ import annotations

from collections import defaultdict

import pytest

import miriam_groups.domain as groups
import miriam_intake.domain as intake
import miriam_sessions.domain as sessions
from miriam_conformance.checks import Check, checks
from miriam_conformance.course import every_type, types_missing
from miriam_conformance.maker import Event, Maker
from miriam_contracts.envelope import authority_problems, parse, without_personal
from miriam_contracts.history import INITIAL, Fact, History, evolve
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import ContractError, Refusal

_MAKER = Maker("test-acme", "abcdefgh")
_DOMAINS = {"intake": intake, "sessions": sessions, "groups": groups}


def _outcomes(events: list[Event]) -> dict[str, str]:
    """What the contracts and the deciders of the services, one stream after the other, say to these events."""
    states: dict[str, History] = defaultdict(lambda: INITIAL)
    found = {}
    for event in events:
        try:
            emitted = parse(event)
        except ContractError as error:
            found[event["id"]] = f"refused:{error.problems[0].code}"
            continue
        assert authority_problems(emitted, "cpas", _MAKER.cpas) == []
        kind = emitted.event_type
        data = without_personal(event["data"])
        id_ = recorded_id(kind.owner, event["source"], event["id"])
        fact = Fact(
            family=kind.family,
            name=kind.fact,
            version=kind.version,
            source=event["source"],
            subject=event["subject"],
            data=data,
            event_id=id_,
            received_on="2026-01-01",
        )
        stream = f"{kind.owner}/{kind.subject_field}/{event['subject']}"
        decision = _DOMAINS[kind.owner].decide(states[stream], fact)
        if isinstance(decision, Refusal):
            found[event["id"]] = f"refused:{decision.problems[0].code}"
            continue
        for decided in decision:
            told = {"type": kind.type, "id": id_, "origin": event["source"], "data": decided.data}
            states[stream] = evolve(states[stream], told)
        found[event["id"]] = "recorded"
    return found


def test_the_course_has_every_type_that_a_cpas_may_emit() -> None:
    assert types_missing(every_type(_MAKER)) == []


@pytest.mark.parametrize("check", checks(_MAKER), ids=lambda check: check.code)
def test_what_a_check_expects_is_what_contracts_and_deciders_say(check: Check) -> None:
    known_elsewhere = {"refused:national_number", "refused:id_reused"}  # sealed blocks, and the store
    for step in check.steps:
        said = _outcomes(step.events)
        wrong = {
            id_: (expected, said[id_])
            for id_, expected in step.expected.items()
            if said[id_] != expected and expected not in known_elsewhere
        }
        assert wrong == {}


def test_no_two_runs_share_an_id() -> None:
    one, two = ({event["id"] for event in every_type(Maker("test-acme"))} for _ in range(2))
    assert len(one) == len(every_type(_MAKER))
    assert one.isdisjoint(two)
