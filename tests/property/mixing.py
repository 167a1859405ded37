"""A real history with leaves of a test CPAS between its own: what the second adds must show nowhere.

The test CPAS says what the facts of another random history of the same small world say, so it names real projects,
participations, groups and persons, at the worst moments; half of it under ids of its own, as the doors would have it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

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
