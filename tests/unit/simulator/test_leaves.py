"""Leaf bodies made directly are what the services would have recorded of the same emissions."""

from __future__ import annotations

from collections import defaultdict

import orjson
import pytest

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_simulator import leaves, scenario


@pytest.fixture(scope="module")
def recorded() -> list[bytes]:
    return list(leaves(scenario("2023-2024", 2, 0.2)))


def test_each_service_numbers_its_events_from_1_without_a_hole(recorded: list[bytes]) -> None:
    numbers = defaultdict(list)
    for body in recorded:
        event = orjson.loads(body)
        numbers[event["source"]].append(event["sequence"])
    assert set(numbers) == {"/services/intake", "/services/sessions", "/services/groups"}
    for found in numbers.values():
        assert found == list(range(1, len(found) + 1))


def test_each_body_is_canonical_and_its_own_source_owns_its_type(recorded: list[bytes]) -> None:
    for body in recorded:
        event = orjson.loads(body)
        assert canonical(event) == body
        assert event["source"] == f"/services/{EVENT_TYPES[event['type']].owner}"


def test_what_is_recorded_is_what_was_emitted_once_and_not_refused(recorded: list[bytes]) -> None:
    expected = {
        (diary.source, item.event["id"])
        for diary in scenario("2023-2024", 2, 0.2).diaries()
        for item in diary.items
        if item.expect == "recorded"
    }
    found = [(event["origin"], event["originid"]) for event in map(orjson.loads, recorded)]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_an_enrolment_carries_what_intake_adds_also_after_a_correction(recorded: list[bytes]) -> None:
    added = EVENT_TYPES["miriam.participation.enrolled.v1"].added
    assert added is not None
    corrected = 0
    for event in map(orjson.loads, recorded):
        data = event["data"]
        payload = data if event["type"] == "miriam.participation.enrolled.v1" else None
        if data.get("fact") == "enrolled" and "replacement" in data:
            payload, corrected = data["replacement"], corrected + 1
        if payload is not None:
            assert added().validate({name: payload[name] for name in added().fields}) == {}
    assert corrected > 0
