"""A real history with leaves of a test CPAS between its own: what the second adds must show nowhere.

The test CPAS says what the facts of another random history of the same small world say, so it names real projects,
participations, groups and persons, at the worst moments; half of it under ids of its own, as the doors would have it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from history_defaults import person
from history_ledger import LedgerBuilder

from miriam_contracts.canonical import canonical
from miriam_contracts.identity import recorded_id

TESTER = "test-acme"


def of_a_test(bodies: Sequence[bytes], source: random.Random) -> list[bytes]:
    """What the CPAS of a history sent, as if the test CPAS had sent it.

    Its corrections name its own facts, or (where the ids are left as they were) those of the real history.
    """
    events = [json.loads(body) for body in bodies if b'"origin":"/cpas/' in body]
    origin = f"/cpas/{TESTER}"
    ids = {
        event["id"]: recorded_id(event["source"].rpartition("/")[2], origin, f"{number}-{event['originid']}")
        for number, event in enumerate(events)
    }
    found = []
    for number, event in enumerate(events):
        renamed = ids if source.random() < 0.5 else {}
        text = json.dumps({**event, "data": _named(event["data"], renamed)})
        if source.random() < 0.5:
            for cpas in ("alpha", "beta", "gamma", "delta"):
                text = text.replace(f'"{cpas}:', f'"{TESTER}:')
        changed = json.loads(text)
        found.append(
            canonical(
                {**changed, "id": ids[event["id"]], "origin": origin, "originid": f"{number}-{event['originid']}"}
            )
        )
    return found


def _named(data: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    return {name: ids.get(value, value) if isinstance(value, str) else value for name, value in data.items()}


def mixed(real: Sequence[bytes], tests: Sequence[bytes], source: random.Random) -> tuple[list[bytes], list[int]]:
    """Both in one ledger, numbered anew by their services; and where each real leaf lies in it, by its old position.

    Position 0 stays 0. The doors refused the test CPAS too: some tallies say so, beside what they say of others.
    """
    labels = [True] * len(real) + [False] * len(tests)
    source.shuffle(labels)
    reals, others = iter(real), iter(tests)
    numbers: dict[str, int] = {}
    bodies, places = [], [0]
    for is_real in labels:
        event = json.loads(next(reals if is_real else others))
        numbers[event["source"]] = event["sequence"] = numbers.get(event["source"], 0) + 1
        if event["type"] == "miriam.door.tallied.v1" and source.random() < 0.5:
            event["data"]["counts"].append({"emitter": TESTER, "rule": "too_large", "count": 3})
        bodies.append(canonical(event))
        if is_real:
            places.append(len(bodies))
    return bodies, places


def told_by_a_test(count: int = 12) -> list[bytes]:
    """What a test CPAS sends as the doors let it through: its own participations and group, corrected and retracted."""
    ledger = LedgerBuilder()
    for number in range(count):
        woman, group = f"{TESTER}:w{number}", f"{TESTER}:g{number}"
        ledger.record("participation.enrolled", participation=woman, person=person(number))
        held = ledger.record("session.held", participation=woman)
        ledger.correct(held, duration_minutes=90)
        missed = ledger.record("session.missed", participation=woman)
        ledger.retract(missed)
        ledger.record("group.formed", group=group)
        ledger.record("groupsession.held", group=group, present=["alpha:w1", woman])
    return ledger.bodies


def statement(bodies: Sequence[bytes], service: str, emitter: str = TESTER, **changes: Any) -> bytes:
    """The leaf by which a service says, behind these, that it emptied all that a test CPAS had sent to it."""
    events = [event for body in bodies if (event := json.loads(body))["source"] == f"/services/{service}"]
    numbers = [event["sequence"] for event in events if event["origin"] == f"/cpas/{emitter}"]
    firsts = [number for number in numbers if number - 1 not in numbers]
    lasts = [number for number in numbers if number + 1 not in numbers]
    runs = [{"first": first, "last": last} for first, last in zip(firsts, lasts, strict=True)]
    last = max(event["sequence"] for event in events)
    originid = f"wiped-{last + 1}"
    event_id = recorded_id(service, f"/services/{service}", originid)
    data = {
        "emitter": emitter, "occurred_on": "2025-01-10", "reason": "the maker begins anew",
        "events": len(numbers), "numbers": runs, **changes,
    }  # fmt: skip
    return canonical({
        **events[-1], "id": event_id, "correlationid": event_id, "origin": f"/services/{service}", "originid": originid,
        "sequence": last + 1, "subject": service, "type": "miriam.door.wiped.v1", "data": data,
    })  # fmt: skip


def wiped(bodies: Sequence[bytes]) -> list[bytes]:
    """These leaves, and behind them what each service to which the test CPAS sent says of its wipe."""
    found = list(bodies)
    for service in ("intake", "sessions", "groups"):
        found.append(statement(found, service))
    return found
