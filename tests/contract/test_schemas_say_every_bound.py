"""Each field of each contract, tried at its bounds and just beyond: the generated schema says what the field says."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from marshmallow import Schema, ValidationError
from marshmallow import fields as ma

from miriam_contracts import fields
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents import events, json_schema
from miriam_contracts.documents.beyond import BEYOND_SCHEMA
from miriam_contracts.envelope import OPTIONAL, REQUIRED, authority_problems, parse
from miriam_contracts.examples import emitted, payload
from miriam_contracts.families.participation import NationalNumber
from miriam_contracts.problems import ContractError, Problem

ANYTHING: list[Any] = [
    None, True, False, 0, 1, -1, 2**40, "", "x", "X", "é", "x y", "\t", "a\nb", "a\u0000", "a\u007f", "a\u001f",
    "anderlecht", "anderlecht:p-1", "anderlecht:", ":p", "Anderlecht:p-1", "a:b", "aa:b", "aa:b c", "2023-2024", "-",
    "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "2023-00-10", "2023-13-10", "2023-10-00", "2023-10-32",
    "2023-1-1", "2023-10-10", "2023-10-10T10:00:00Z", "2023-10-10T10:00:00.123456+02:00",
    "2023-10-10T10:00:00.1234567Z", "2023-10-10T24:00:00Z", "2023-10-10T10:60:00Z", "2023-10-10T10:00:60Z",
    "2023-10-10T10:00:00+02:60", "2023-10-10T10:00", "0b3d5f7a9c1e4286a0c2e4f607182939",
    "prs-0b3d5f7a9c1e42868a0c2e4f60718293", "prs-0b3d5f7a9c1e42868a0c2e4f6071829",
    "8c05ac29-4dd7-5245-a209-24ad0329adc3", "8C05AC29-4dd7-5245-a209-24ad0329adc3", "12345", "1234", "123456",
    "1٢345", "a.b.c.d.e", "a..c.d.e", ".b.c.d.e", "a.b.c.d", "a.b.c.d.e.f", "a b.c.d.e.f", [], ["x"], {}, {"x": 1},
    [{}], [1],
]  # fmt: skip

# No day and no moment here is one that only a calendar can refuse.
UNSAID = BEYOND_SCHEMA.keys() - {"not_a_date", "not_an_instant"}


def every_field() -> dict[str, ma.Field[Any]]:
    """Every field that stands anywhere in a contract, by a place where it stands; equal ones once."""
    found: dict[str, ma.Field[Any]] = {}
    seen = set()
    for name, event_type in EVENT_TYPES.items():
        blocks = [block() for block in (*event_type.personal.values(), *filter(None, [event_type.added]))]
        for schema in (*event_type.payloads.values(), *blocks):
            for place, member in inside(schema, name):
                mark = type(member).__name__, str(json_schema.field(member, closed=True))
                if mark not in seen:
                    seen.add(mark)
                    found[place] = member
    return found


def inside(schema: Schema, path: str) -> Iterator[tuple[str, ma.Field[Any]]]:
    for name, member in schema.fields.items():
        place = f"{path}/{name}"
        yield place, member
        if isinstance(member, fields.Many):
            yield f"{place}[]", member.inner
        inner = member.inner if isinstance(member, fields.Many) else member
        if isinstance(inner, fields.Part):
            yield from inside(inner.schema, place)


FIELDS = every_field()


def at_the_bounds(member: ma.Field[Any]) -> Iterator[Any]:
    """Values at the bounds of a field, on both sides."""
    match member:
        case fields.Int():
            yield from (member.lowest - 1, member.lowest, member.highest, member.highest + 1)
        case fields.Text():
            yield from ("x" * member.longest, "x" * (member.longest + 1))
        case fields.Code():
            yield from member.choices
            yield member.choices[0] + "x"
        case fields.Duration():
            yield from (fields.duration(minutes) for minutes in range(1, member.longest + 120))
            yield from ("PT", "PT0M", "PT0H1M", "PT1H0M", "PT60M", "P1D", "1H", "PT1H60M")
        case fields.Pattern() if ":" in member.pattern.pattern:
            yield from ("aa:" + "b" * 64, "aa:" + "b" * 65, "a" * 40 + ":b", "a" * 41 + ":b")
        case fields.Many():
            some = list(itertools.islice(distinct(member.inner), member.most + 1)) if member.most < 100 else []
            for length in {0, member.fewest - 1, member.fewest, member.most, member.most + 1} - {-1}:
                if length <= len(some):
                    yield some[:length]
            if len(some) > 1:
                yield [some[0], some[0]]


def distinct(member: ma.Field[Any]) -> Iterator[Any]:
    """Values that a field accepts, each another."""
    if isinstance(member, fields.Code):
        yield from member.choices
    elif isinstance(member, fields.Pattern):
        tail = ":x" if ":" in member.pattern.pattern else ""
        yield from (f"aa{number}{tail}" for number in range(200))


def refused(member: ma.Field[Any], value: Any) -> set[str]:
    """The codes with which a field refuses a value."""
    try:
        member.deserialize(value)
    except ValidationError as error:
        return set(codes(error.messages))
    return set()


def codes(messages: Any) -> Iterator[str]:
    if isinstance(messages, Problem):
        yield messages.code
    else:
        for each in messages.values() if isinstance(messages, dict) else messages:
            yield from codes(each)


def agree(schema: Any, value: Any, found: set[str]) -> None:
    valid = Draft202012Validator(schema).is_valid(value)
    if valid:
        assert found <= UNSAID, value
    else:
        assert found, value


@pytest.mark.parametrize("place", FIELDS)
def test_a_schema_says_the_bounds_of_a_field(place: str) -> None:
    member = FIELDS[place]
    schema = json_schema.field(member, closed=True)
    accepted = 0
    for value in (*ANYTHING, *at_the_bounds(member)):
        if isinstance(member, fields.Personal) and isinstance(value, dict):
            continue  # its members are judged once it is opened
        found = refused(member, value)
        agree(schema, value, found)
        accepted += not found
    assert accepted or isinstance(member, NationalNumber | fields.Part | fields.Many | fields.Pattern)


def objects() -> Iterator[tuple[str, Schema, dict[str, Any]]]:
    """A payload of each type that is sent, and a good example of it."""
    for event_type in EVENT_TYPES.values():
        if not event_type.emitted_by:
            continue
        kind = event_type.type.removeprefix("miriam.")
        if "" in event_type.payloads:
            name = "end" if kind.startswith("assessment.completed") else "typical"
            yield kind, event_type.payloads[""], payload(kind, name)


OBJECTS = list(objects())


@pytest.mark.parametrize(("kind", "schema", "good"), OBJECTS, ids=[kind for kind, _, _ in OBJECTS])
def test_a_schema_says_which_fields_stand_in_an_object(kind: str, schema: Schema, good: dict[str, Any]) -> None:
    validator = Draft202012Validator(json_schema.payload(schema, closed=True))
    validator.validate(good)
    for name, member in schema.fields.items():
        without = {key: value for key, value in good.items() if key != name}
        assert validator.is_valid(without) == (not schema.validate(without))
        assert not (member.required and validator.is_valid(without))
        assert not validator.is_valid({**good, name: None})
    assert not validator.is_valid({**good, "unknown": 1})


def test_a_schema_says_the_rules_between_fields() -> None:
    completed = EVENT_TYPES["miriam.assessment.completed.v1"].payloads[""]
    validator = Draft202012Validator(json_schema.payload(completed, closed=True))
    good = payload("assessment.completed", "end")
    for moment, left_out in itertools.product(("start", "end"), ("", "changes")):
        data = {key: value for key, value in good.items() if key != left_out} | {"moment": moment}
        assert validator.is_valid(data) == (not completed.validate(data)) == ((moment == "end") != bool(left_out))
    for answer in ({"status": s, **score} for s in ("valid", "not_answered") for score in ({}, {"score": 3})):
        data = {**good, "scores": {**good["scores"], "finances": answer}}
        assert validator.is_valid(data) == (not completed.validate(data))
        assert validator.is_valid(data) == ((answer["status"] == "valid") == ("score" in answer))
    registered = EVENT_TYPES["miriam.cpas.registered.v1"].payloads[""]
    validator = Draft202012Validator(json_schema.payload(registered, closed=True))
    for names, valid in (({}, False), ({"fr": "x"}, True), ({"de": "x", "nl": "x"}, True), ({"en": "x"}, False)):
        data = {**payload("cpas.registered"), "names": names}
        assert validator.is_valid(data) == (not registered.validate(data)) == valid


ENVELOPE = [name for name in (*REQUIRED, *OPTIONAL) if name != "data"]
NAMES = [
    "1.0",
    "1",
    "application/json",
    "text/json",
    "/cpas/anderlecht",
    "/cpas/A",
    "/dpo/spp",
    "cpas/anderlecht",
    "a" * 64,
]
NAMES += [
    "a" * 65,
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01",
    "00-4bf92f3577b34da6-00f067aa0ba902b8-01",
]


@pytest.mark.parametrize("name", ENVELOPE)
def test_a_schema_says_the_bounds_of_the_envelope(name: str) -> None:
    good = emitted("session.held", "typical")
    schema = events.emitted(EVENT_TYPES[good["type"]])
    for value in (*ANYTHING, *NAMES):
        agree(schema, {**good, name: value}, refused_at_the_door({**good, name: value}))
    without = {key: value for key, value in good.items() if key != name}
    agree(schema, without, refused_at_the_door(without))
    assert Draft202012Validator(schema).is_valid(without) == (name in OPTIONAL)
    assert not Draft202012Validator(schema).is_valid({**good, "unknown": "x"})


def refused_at_the_door(event: dict[str, Any]) -> set[str]:
    """The codes with which an emission is refused, whoever may have sent it."""
    try:
        parsed = parse(event)
    except ContractError as error:
        return {problem.code for problem in error.problems}
    _, kind, emitter = parsed.source.split("/")
    return {problem.code for problem in authority_problems(parsed, kind, emitter)}
