"""Requests that schemathesis makes of the OpenAPI documents: at each bound, and drawn from a seed, kept and broken.

What its checks find is told, but for what is as it should be here (`_expected` says why).
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import schemathesis
from http_promises import DOCUMENTS, EVENTS, template_of
from http_sending import Answer, Client, Sent
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES

# Types of event at a time: of all of them at once there are 24,000 requests at their bounds alone.
TYPES = 2
CPAS = "test-fuzz"
# Who sends in the name of each kind of emitter; a type that several kinds may send is sent by the first.
SENDERS = {"cpas": CPAS, "authority": "spp-is", "dpo": "spp-is-dpo"}
SERVICE, AUDITOR, READER = "service", "auditor", "reader"
MINTED = "An id that the emitter mints"
# Statuses by which a request that breaks the document is refused, beside those that schemathesis expects.
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
# No method of ours: that a path of two documents has a method of the other is no fault.
METHODS = {"DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"}
CASE_ID = "X-Schemathesis-TestCaseId"


@dataclass(frozen=True)
class Target:
    """A document, the program that is to keep it, and who asks."""

    document: str
    program: str
    holder: str


TARGETS = (
    Target("door", "front", CPAS),
    *(Target("door", service, CPAS) for service in RECORDING_SERVICES),
    *(Target("service", service, SERVICE) for service in RECORDING_SERVICES),
    Target("reporting", "reporting", SERVICE),
)
# Who may not, or less: asked more seldom.
OTHERS = (
    Target("door", "front", ""),
    Target("door", "front", AUDITOR),
    Target("door", "sessions", ""),
    Target("service", "groups", AUDITOR),
    Target("service", "intake", CPAS),
    Target("service", "sessions", ""),
    Target("reporting", "reporting", READER),
    Target("reporting", "reporting", ""),
)


@dataclass(frozen=True)
class Tried:
    """A request of schemathesis, its answer, and what its checks say against it."""

    target: Target
    sent: Sent
    answer: Answer
    found: tuple[str, ...]


def tried(
    client: Client, target: Target, seed: int, examples: int, types: Sequence[str], *, bounds: bool
) -> Iterator[Tried]:
    """Every request at a bound of the document (with `bounds`), and `examples` drawn ones for each of its operations.

    `types` are the types of event of the door's document that are sent.
    """
    config = SchemathesisConfig(seed=seed)
    project = config.projects.override
    token = client.tokens.get(target.holder)
    headers = {"Authorization": f"Bearer {token}"} if token else None
    project.update(base_url=client.url(target.program), headers=headers, continue_on_failure=True, request_timeout=120)
    project.phases.update(phases=["coverage", "fuzzing"] if bounds else ["fuzzing"])
    project.phases.coverage.unexpected_methods = METHODS
    project.generation.update(max_examples=examples, database="none", no_shrink=True)
    project.checks.negative_data_rejection.expected_statuses = REFUSALS
    config.output.truncation.max_recorded_payload_size = 0
    document = copy.deepcopy(dict(DOCUMENTS[target.document]))
    if target.document == "door":
        document = narrowed(document, types)
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.hook(map_body)
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            raise event.value
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.ScenarioFinished):
            yield from _told(event, target, f"Bearer {token}")


def narrowed(document: dict[str, Any], types: Sequence[str]) -> dict[str, Any]:
    """The door's document with these types of event alone, as who may send them would: else all would be refused for
    their sender, and nothing behind that would be reached.
    """
    schemas = document["components"]["schemas"]
    for name in [name for name in schemas if name.startswith("miriam.") and name not in types]:
        del schemas[name]
    schemas["Event"]["oneOf"] = [{"$ref": f"#/components/schemas/{name}"} for name in types]
    mapping = schemas["Event"]["discriminator"]["mapping"]
    schemas["Event"]["discriminator"]["mapping"] = {name: mapping[name] for name in types}
    for name in types:
        kind = _sent_by(name)
        schemas[name]["properties"]["source"] = {"const": f"/{kind}/{SENDERS[kind]}"}
        schemas[name] = _own(schemas[name], SENDERS[kind])
    return document


def some_types(seed: int, number: int) -> list[str]:
    """The types of event of the round of this number: each has its turn, in an order drawn from the seed.

    All of one round are sent by the same kind of emitter.
    """
    chance = random.Random(seed)
    names = sorted(name for name, kind in EVENT_TYPES.items() if kind.emitted_by)
    rounds = []
    for kind in SENDERS:
        own = [name for name in names if _sent_by(name) == kind]
        chance.shuffle(own)
        rounds += [own[begin : begin + TYPES] for begin in range(0, len(own), TYPES)]
    chance.shuffle(rounds)
    return rounds[number % len(rounds)]


def sender(types: Sequence[str]) -> str:
    """Who sends them."""
    return SENDERS[_sent_by(types[0])]


def _sent_by(name: str) -> str:
    return next(kind for kind in SENDERS if kind in EVENT_TYPES[name].emitted_by)


def _own(value: Any, emitter: str) -> Any:
    if isinstance(value, list):
        return [_own(item, emitter) for item in value]
    if not isinstance(value, dict):
        return value
    if MINTED in str(value.get("description")) and "pattern" in value:
        return {**value, "pattern": value["pattern"].replace("[a-z][a-z0-9-]{1,39}:", f"{emitter}:")}
    return {name: _own(item, emitter) for name, item in value.items()}


def map_body(context: Any, body: Any) -> Any:
    """An event's subject repeats a field of its payload, which no schema can say."""
    for event in body if isinstance(body, list) else [body]:
        kind = EVENT_TYPES.get(event.get("type", "")) if isinstance(event, dict) and _text(event.get("type")) else None
        data = event.get("data") if kind else None
        if kind is None or not isinstance(data, dict) or not _text(event.get("subject")):
            continue
        told = data.get("replacement", data)
        subject = told.get(kind.subject_field) if isinstance(told, dict) else None
        if _text(subject) and re.fullmatch(r"[A-Za-z0-9._:-]{1,105}", event["subject"]):
            event["subject"] = subject
    return body


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _told(event: events.ScenarioFinished, target: Target, own: str) -> Iterator[Tried]:
    recorder = event.recorder
    for case, interaction in recorder.interactions.items():
        asked = interaction.request
        _, _, rest = asked.uri.partition("://")
        given = {name: values[0] for name, values in asked.headers.items()}
        holder = target.holder if given.get("Authorization") == own else ""
        if holder:
            del given["Authorization"]
        given.pop(CASE_ID, None)
        sent = Sent(target.program, holder, asked.method, "/" + rest.partition("/")[2], given, asked.body or b"")
        response = interaction.response
        if response is None:
            yield Tried(target, sent, Answer(0, {}, b""), ("no answer",))
            continue
        answer = Answer(response.status_code, {n: v[0] for n, v in response.headers.items()}, response.content)
        found = [
            f"{check.name}: {check.failure_info.failure.title}, {answer.status}: {check.failure_info.failure.message}"
            for check in recorder.checks.get(case, ())
            if check.failure_info is not None and not _expected(check.name, target, sent, answer)
        ]
        yield Tried(target, sent, answer, tuple(found))


def _expected(check: str, target: Target, sent: Sent, answer: Answer) -> bool:
    path = template_of(target.document, sent)
    told: Mapping[str, Any] = answer.json if isinstance(answer.json, dict) else {}
    match check:
        case "negative_data_rejection":
            # A request is taken where it is one: an event that breaks its schema is refused in its receipt.
            return path == EVENTS and any(receipt["receipt"] == "refused" for receipt in answer.receipts)
        case "positive_data_acceptance":
            # A cursor is what an answer said, and not what has its form.
            cursor = told.get("code") == "bad_argument" and told.get("field") == "after"
            # Reporting's arguments hang together (`old` and `new`, `actor` and `purpose`), and are told in words.
            return cursor or (target.document == "reporting" and answer.status in (400, 422))
        case "allow_header_conformance":
            # There, two documents share a path.
            return target.program in RECORDING_SERVICES and path == EVENTS
    return False
