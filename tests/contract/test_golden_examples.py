"""The golden examples, kept for ever: what was once accepted is accepted, what was once recorded can be read."""

import re
from typing import Any

import pytest

from miriam_contracts import ids
from miriam_contracts.canonical import canonical, leaf_hash
from miriam_contracts.catalogue import EVENT_TYPES, EventType
from miriam_contracts.envelope import authority_problems, parse, personal_of, without_personal
from miriam_contracts.examples import Example, emitted, examples, leaves
from miriam_contracts.identity import recorded_id

EMITTED = list(examples("emitted"))
RECORDED = list(examples("recorded"))
RECORDED_ATTRIBUTES = {
    "correlationid", "data", "datacontenttype", "id", "origin", "originid", "recordedtime", "salt", "sequence",
    "source", "specversion", "subject", "time", "type",
}  # fmt: skip
ADDED_ATTRIBUTES = {"causationid", "traceparent", "personaldigest"}
UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")


def path(example: Example) -> str:
    return example.path


@pytest.mark.parametrize("event_type", EVENT_TYPES.values(), ids=lambda t: t.type)
def test_every_type_has_an_example_of_each_of_its_payloads(event_type: EventType) -> None:
    kind = event_type.type.removeprefix("miriam.")
    recorded = [example for example in RECORDED if example.kind == kind]
    assert recorded
    if event_type.emitted_by:
        mine = [example.event["data"] for example in EMITTED if example.kind == kind]
        named = {data.get("fact", "") if "" not in event_type.payloads else "" for data in mine}
        assert named == set(event_type.payloads)


@pytest.mark.parametrize("example", EMITTED, ids=path)
def test_an_emitted_example_keeps_its_contract(example: Example) -> None:
    parsed = parse(example.body)
    assert parsed.event_type.type == f"miriam.{example.kind}"
    match = ids.SOURCE_PATTERN.fullmatch(parsed.source)
    assert match
    assert authority_problems(parsed, match[1], match[2]) == []


@pytest.mark.parametrize("example", EMITTED, ids=path)
def test_an_emitted_personal_block_keeps_its_contract(example: Example) -> None:
    parsed = parse(example.body)
    block = personal_of(parsed.data)
    if isinstance(block, dict):
        assert parsed.event_type.load_personal(block, parsed.data.get("fact", "")) == []


@pytest.mark.parametrize("example", RECORDED, ids=path)
def test_a_recorded_example_can_be_read(example: Example) -> None:
    event = example.event
    assert EVENT_TYPES[event["type"]].load_recorded(event["data"]) == []


@pytest.mark.parametrize("example", RECORDED, ids=path)
def test_a_reader_tolerates_what_a_later_version_adds(example: Example) -> None:
    event_type = EVENT_TYPES[example.event["type"]]
    assert event_type.load_recorded(with_unknown(example.event["data"])) == []


@pytest.mark.parametrize("example", RECORDED, ids=path)
def test_a_recorded_example_is_what_a_service_records(example: Example) -> None:
    event = example.event
    assert set(event) >= RECORDED_ATTRIBUTES
    assert set(event) <= RECORDED_ATTRIBUTES | ADDED_ATTRIBUTES
    owner = EVENT_TYPES[event["type"]].owner
    assert event["source"] == f"/services/{owner}" or owner == "each"
    service = event["source"].removeprefix("/services/")
    assert event["id"] == recorded_id(service, event["origin"], event["originid"])
    assert UTC.fullmatch(event["time"])
    assert UTC.fullmatch(event["recordedtime"])
    assert re.fullmatch("[0-9a-f]{32}", event["salt"])
    assert personal_of(event["data"]) is None


@pytest.mark.parametrize("example", RECORDED, ids=path)
def test_a_recorded_examples_bytes_are_canonical_and_hash_to_its_leaf(example: Example) -> None:
    assert canonical(example.event) == example.body
    assert leaf_hash(example.body).hex() == leaves()[example.path]


@pytest.mark.parametrize(
    "example", [e for e in RECORDED if e.kind.split(".")[0] not in ("door", "key", "report")], ids=path
)
def test_a_recorded_example_says_what_was_emitted(example: Example) -> None:
    name = example.name
    emission = emitted(example.kind, name)
    event = example.event
    assert (event["origin"], event["originid"]) == (emission["source"], emission["id"])
    stated, recorded = without_personal(emission["data"]), event["data"]
    assert {key: recorded[key] for key in stated if key != "replacement"} == {
        key: value for key, value in stated.items() if key != "replacement"
    }
    assert ("personaldigest" in event) == (personal_of(emission["data"]) is not None)


def test_every_leaf_belongs_to_an_example() -> None:
    assert set(leaves()) == {example.path for example in RECORDED}


def test_emitted_ids_are_used_once() -> None:
    used = [(example.event["source"], example.event["id"]) for example in EMITTED]
    assert len(used) == len(set(used))


def with_unknown(value: Any) -> Any:
    """The payload as a later version might have it: something new in every object."""
    if isinstance(value, dict):
        return {**{key: with_unknown(item) for key, item in value.items()}, "added_later": {"by": "v1.1"}}
    if isinstance(value, list):
        return [with_unknown(item) for item in value]
    return value
