"""What a leaf must be: canonical JSON, a recorded event that keeps its contract, in its place among others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hand_made import small_edition
from histories import seeded
from hypothesis import given
from hypothesis import strategies as st

import miriam_verify as verifier

GOLDEN = Path(str(resources.files("miriam_contracts"))) / "golden"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return  # a lone surrogate
    assert verifier.canonical(value) == expected
    assert verifier.read_canonical(expected) == value


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":1.0}', b'{"a":1e2}', b'{"a":-0}', b'{"a":01}', b"NaN",
        b'{"a":9007199254740992}', b'{"a":-9007199254740992}', b'{"a":' + b"9" * 5000 + b"}", b'"\\u0041"', b'"\\/"',
        b'"\\ud800"', '{"é":1}'.encode(), b"\xff", b"", b" 1", b"1\n", b"\xef\xbb\xbf1", '"a"'.encode("utf-16"),
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_any_other_writing_is_refused(body: bytes) -> None:
    with pytest.raises(verifier.ProofFails):
        verifier.read_canonical(body)


def golden() -> Iterator[Path]:
    yield from sorted(GOLDEN.glob("*/recorded-*.json"))


@pytest.mark.parametrize("file", list(golden()), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_golden_recorded_event_is_one(file: Path) -> None:
    event = verifier.read_event(file.read_bytes())
    _, family, name, version = event["type"].split(".")
    kind, payload = f"{family}.{name}", event["data"]
    if name == "corrected":
        kind, payload = f"{family}.{payload['fact']}", payload["replacement"]
    if kind in verifier.KINDS:
        verifier.check_payload(kind, payload, version)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "A"), ("salt", "00"), ("sequence", 0), ("sequence", True), ("sequence", "1"),
        ("source", "/services/other"),
        ("source", "/services/groups"), ("specversion", "2.0"), ("type", "miriam.session"), ("type", "other.a.b.v1"),
        ("time", "today"), ("recordedtime", "2023-10-02"), ("data", []), ("subject", None),
        ("datacontenttype", "text"),
        ("more", "x"), ("subject", ...),
    ],
)  # fmt: skip
def test_what_is_no_recorded_event_is_refused(name: str, value: Any) -> None:
    event = json.loads((GOLDEN / "session.held.v1" / "recorded-typical.json").read_bytes())
    assert verifier.read_event(verifier.canonical(event)) == event
    if value is ...:
        del event[name]
    else:
        event[name] = value
    with pytest.raises(verifier.ProofFails):
        verifier.read_event(verifier.canonical(event))


def test_a_leaf_that_breaks_its_contract_is_named_and_no_traceback() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    ledger.record("session.held")
    ledger.record("session.held.v2")
    ledger.record("assessment.completed", moment="end")
    ledger.record("door.tallied", counts=[{"emitter": "beta", "rule": "required", "count": 1}])
    for position, body in enumerate(ledger.bodies, 1):
        event = json.loads(body)
        _, family, fact, version = event["type"].split(".")
        kind = f"{family}.{fact}"
        for name, optional, _ in verifier._CONTRACTS[f"{kind}.{version}"]:
            if name not in event["data"]:
                continue
            for wrong in (None, 1.5, {"a": 1}, [None], True, ""):
                altered = {**event, "data": {**event["data"], name: wrong}}
                said = broken([*ledger.bodies[: position - 1], verifier.canonical(altered)])
                assert said == f"position {position}: {kind}: `{name}` is not what its contract says"
            without = {**event, "data": {key: value for key, value in event["data"].items() if key != name}}
            if not optional:
                said = broken([*ledger.bodies[: position - 1], verifier.canonical(without)])
                assert said == f"position {position}: {kind}: `{name}` is missing"


def broken(bodies: list[bytes]) -> str:
    with pytest.raises(verifier.UnreadableLeaf) as caught:
        verifier.read_ledger(bodies)
    return str(caught.value)


def test_an_event_of_a_version_that_is_not_known_is_named() -> None:
    bodies = small_edition().bodies
    bodies[3] = bodies[3].replace(b"approved.v1", b"approved.v2")
    assert broken(bodies) == "position 4: project.approved: this verifier does not know its version 2"


def test_a_correction_holds_a_fact_of_its_own_version() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    held = ledger.record("session.held")
    ledger.correct(held, version=2, themes=["housing", "health"], duration="PT1H5M")
    goal = ledger.record("goal.set")
    ledger.correct(goal, domain="health")
    good = list(ledger.bodies)
    assert verifier.minutes_of(verifier.read_ledger(good).facts[held]) == 65
    third, last = len(good) - 3, len(good) - 1
    for at, before, after, said in (
        (third, b"corrected.v2", b"corrected.v1", "session.held: `duration_minutes` is missing"),
        (
            third,
            b'"duration":"PT1H5M"',
            b'"duration":"PT65M"',
            "session.held: `duration` is not what its contract says",
        ),
        (third, b"corrected.v2", b"corrected.v3", "session.held: this verifier does not know its version 3"),
        (last, b"corrected.v1", b"corrected.v2", "goal.set: this verifier does not know its version 2"),
    ):
        bodies = [*good[:at], good[at].replace(before, after), *good[at + 1 :]]
        assert bodies != good
        assert broken(bodies) == f"position {at + 1}: {said}"


def chains(bodies: list[bytes], whole: bool = True, retired: int = 0) -> verifier.Chains:
    found = verifier.Chains(whole, retired)
    for body in bodies:
        found.add(verifier.read_event(body))
    return found


def test_random_histories_keep_the_rules_among_events() -> None:
    assert chains(seeded(3, 400)).corrections > 20


def altered(body: bytes, **changes: Any) -> bytes:
    event = json.loads(body)
    data = {**event["data"], **changes.pop("data", {})}
    return verifier.canonical({**event, **changes, "data": data})


def test_rules_among_events_that_are_broken_are_named() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    held = ledger.record("session.held")
    ledger.correct(held, duration_minutes=30)
    ledger.correct(held, duration_minutes=40)
    ledger.retract(held)
    good = list(ledger.bodies)
    assert chains(good).corrections == 3
    assert chains(good).numbers == {"/services/intake": 6, "/services/sessions": 4}
    first, second, third, last = range(6, 10)
    for bodies, said in (
        ([*good[:2], *good[3:]], "1 numbers before 4 are missing"),
        ([*good[:2], good[3], good[2], *good[4:]], "numbers before 4 are missing"),
        ([*good, good[last]], "number 4 stands behind number 4"),
        ([*good[:first], good[first].replace(b'"sequence":1', b'"sequence":2'), *good[third:]], "1 numbers before"),
        ([*good, altered(good[last], sequence=5)], "stands twice"),
        (
            [*good[:second], altered(good[second], data={"corrects": "x"}), *good[third:]],
            "a fact that is not here before",
        ),
        (
            [*good[:second], altered(good[second], data={"corrects": [1]}), *good[third:]],
            "a fact that is not here before",
        ),
        (
            [*good[:second], altered(good[second], subject="alpha:w2"), *good[third:]],
            "another family, subject or source",
        ),
        ([*good[:second], altered(good[third], sequence=2)], "follows another version"),
        ([*good, altered(good[last], sequence=5, id=good_id())], "follows the retraction"),
    ):
        with pytest.raises(verifier.ProofFails, match=said):
            chains(bodies)
    assert chains([*good[:2], *good[3:]], whole=False).holes == 1
    assert chains([*good[:2], *good[3:]], retired=1).holes == 1


def good_id() -> str:
    return "00000000-0000-5000-8000-000000000000"
