"""What the HTTP door must answer to whatever comes: a maker can rely on each line, and finds it broken here first."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from miriam_conformance.door import DoorSays
from miriam_conformance.maker import Event, Maker
from miriam_conformance.verdict import Verdict

ONE = "application/cloudevents+json"
MANY = "application/cloudevents-batch+json"


@dataclass(frozen=True)
class _Asked:
    """A request and what must come: a status and the code of the problem, or of each receipt (`recorded`, a rule)."""

    title: str
    body: bytes
    status: int
    codes: tuple[str, ...]
    content_type: str = MANY
    headers: tuple[tuple[str, str], ...] = ()
    with_token: bool = True


def http_checks(maker: Maker, door: DoorSays) -> Iterator[Verdict]:
    """Ask each, and compare. Raises Unreachable."""
    for code, asked in _requests(maker):
        headers = {"Content-Type": asked.content_type, **dict(asked.headers)}
        answer = door.ask("POST", "/v1/events", body=asked.body, headers=headers, with_token=asked.with_token)
        yield Verdict("door", f"http_{code}", asked.title, list(_differences(asked, answer.status, answer.data)))


def _differences(asked: _Asked, status: int, body: bytes) -> Iterator[str]:
    if status != asked.status:
        yield f"answered {status}, must be {asked.status}"
        return
    answer = orjson.loads(body)
    found = _codes(answer)
    if found != asked.codes:
        yield f"answered {', '.join(found)}, must be {', '.join(asked.codes)}"


def _codes(answer: dict[str, Any]) -> tuple[str, ...]:
    if "receipts" not in answer:
        return (str(answer.get("code")),)
    return tuple(
        each["problems"][0]["code"] if each["receipt"] == "refused" else each["receipt"] for each in answer["receipts"]
    )


def _requests(maker: Maker) -> Iterator[tuple[str, _Asked]]:
    good = _goal(maker, "http-one")
    yield "one", _Asked("One event in a request is recorded", _json(good), 200, ("recorded",), ONE)
    yield "again", _Asked("The same event again is a duplicate", _json(good), 200, ("duplicate",), ONE)
    batch = [_goal(maker, f"http-batch-{n}") for n in range(3)]
    yield (
        "batch",
        _Asked("A batch is answered in its order", _json([*batch, good]), 200, ("recorded",) * 3 + ("duplicate",)),
    )
    zipped = gzip.compress(_json([_goal(maker, "http-gzip")]))
    yield "gzip", _Asked("gzip is taken", zipped, 200, ("recorded",), headers=(("Content-Encoding", "gzip"),))
    across = [_goal(maker, "http-mixed-1"), _group(maker, "http-mixed-2"), _referred(maker, "http-mixed-3")]
    yield "mixed", _Asked("Events of every service go in one batch", _json(across), 200, ("recorded",) * 3)

    no_token = "Without a token nothing is taken"
    yield "no_token", _Asked(no_token, _json(_goal(maker, "http-no")), 401, ("unauthorized",), ONE, with_token=False)
    wrong = (("Authorization", "Bearer mrm_aaaaaaaaaaaa_" + "a" * 43),)
    yield "wrong_token", _Asked("A wrong token opens nothing", _json(good), 401, ("unauthorized",), ONE, wrong, False)
    yield "media_type", _Asked("Another media type is told", _json(good), 415, ("media_type",), "text/plain")
    yield "no_json", _Asked("What is no JSON is told", b'[{"id": ', 400, ("not_json",))
    yield "empty", _Asked("An empty batch is told", b"[]", 400, ("empty_batch",))
    yield "too_many", _Asked("More than 1,000 events are told", b"[" + b"{}," * 1000 + b"{}]", 413, ("too_large",))

    for code, title, event in _refused(maker):
        yield code, _Asked(f"Refused for {code}: {title}", _json([event]), 200, (code,))
    twice = _json([_goal(maker, "http-key-twice")]).replace(b'"goal":', b'"domain":"housing","goal":', 1)
    yield "repeated_key", _Asked("Refused for repeated_key: a member that stands twice", twice, 200, ("repeated_key",))


def _refused(maker: Maker) -> Iterator[tuple[str, str, Event]]:
    def goal(name: str, change: Callable[[Event], object]) -> Event:
        event = _goal(maker, f"http-{name}")
        change(event)
        return event

    def data(new: dict[str, Any]) -> Callable[[Event], object]:
        return lambda event: event["data"].update(new)

    yield "unknown_type", "a type that no contract has", goal("type", lambda e: e.update(type="miriam.goal.dreamt.v1"))
    yield "source_not_sender", "another's source", goal("source", lambda e: e.update(source="/cpas/test-somebody"))
    yield "not_own_id", "an id with another's prefix", goal("prefix", data({"goal": "test-somebody:g-1"}))
    yield "type_not_allowed", "a fact that the authority alone may state", _closing(maker)
    yield "not_canonical", "a fraction", goal("fraction", data({"domain": 1.5}))
    yield "required", "a field that is missing", goal("missing", lambda e: e["data"].pop("domain"))
    yield "unknown_field", "a field that no contract has", goal("field", data({"mood": "fine"}))
    yield "unknown_code", "a word that is not in the list", goal("code", data({"domain": "astrology"}))
    yield "not_a_date", "a day that no calendar has", goal("day", data({"occurred_on": "2024-02-30"}))
    yield "in_the_future", "a day to come", goal("future", data({"occurred_on": "2199-01-01"}))
    yield (
        "subject_differs",
        "a subject that is not the payload's",
        goal("subject", lambda e: e.update(subject=maker.own("p-x"))),
    )
    yield (
        "national_number_in_id",
        "a national number in an id",
        goal("niss", lambda e: e.update(correlationid="90022300149")),
    )
    yield (
        "personal_unreadable",
        "a block sealed for nobody",
        goal("jwe", data({"personal": "eyJh.bGci.OiJF.Q0RI.LUVT"})),
    )
    yield "goal_not_set", "a goal reached that was never set", _unset(maker)
    yield "too_large", "an event of more than 256 KiB", goal("large", lambda e: e.update(correlationid="x" * 300_000))


def _goal(maker: Maker, name: str) -> Event:
    return maker.goal("set", name, f"p-{name}", f"g-{name}", occurred_on="2024-02-01", domain="training")


def _unset(maker: Maker) -> Event:
    return maker.goal("reached", "http-unset", "p-unset", "g-unset", occurred_on="2024-02-01", evidence="document")


def _group(maker: Maker, name: str) -> Event:
    return maker.of_group("group.formed.v1", name, f"grp-{name}", occurred_on="2024-02-01")


def _referred(maker: Maker, name: str) -> Event:
    return maker.of_participation(
        "participation.referred.v1", name, f"p-{name}", occurred_on="2024-02-01", referrer="herself"
    )


def _closing(maker: Maker) -> Event:
    data = {"edition": "2023-2024", "occurred_on": "2024-12-31", "reason": "end_of_term"}
    return maker.event("edition.closed.v1", "http-closing", "2023-2024", data)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
