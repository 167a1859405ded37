"""Both versions of session.held at one door, at once: recorded as they came, corrected across."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import emitted, examples
from miriam_platform.deliveries import Delivery

from .conftest import Service

HELD, NEWER = "session.held", "session.held.v2"


def stored(service: Service) -> list[dict[str, Any]]:
    return [json.loads(body) for (body,) in service.ask("select body from event_store.event order by sequence")]


def reference(event: dict[str, Any]) -> dict[str, str]:
    return {"corrects": event["id"], "supersedes": event["id"]}


def test_both_versions_in_one_batch_are_recorded_as_they_were_told(sessions: Service) -> None:
    kinds = [HELD, NEWER, HELD, NEWER]
    deliveries = [
        sessions.delivery(kind, session=f"anderlecht:s-{number}") for number, kind in enumerate(kinds, start=1)
    ]
    assert [result.outcome for result in sessions.record(*deliveries)] == ["recorded"] * 4
    events = stored(sessions)
    assert [event["type"] for event in events] == [f"miriam.session.held.v{1 + number % 2}" for number in range(4)]
    for event, delivery in zip(events, deliveries, strict=True):
        assert event["data"] == orjson.loads(delivery.body)["data"], "no stored body is told in another version"
        assert EVENT_TYPES[event["type"]].load_recorded(event["data"]) == []


def test_the_golden_emission_of_version_2_is_recorded_as_its_golden_example_says(sessions: Service) -> None:
    event = sessions.recorded(Delivery(orjson.dumps(emitted(NEWER)), "cpas.anderlecht", "anderlecht.session.held"))
    golden = next(e.event for e in examples("recorded") if e.path == "session.held.v2/recorded-typical.json")
    of_the_moment = {"recordedtime", "salt", "sequence"}
    assert {k: v for k, v in event.items() if k not in of_the_moment} == {
        k: v for k, v in golden.items() if k not in of_the_moment
    }


def test_a_note_of_either_version_is_sealed_and_out_of_the_event(sessions: Service) -> None:
    for number, kind in enumerate((HELD, NEWER)):
        event = sessions.recorded(
            sessions.delivery(kind, session=f"anderlecht:s-{number}", personal={"text": "a quiet talk"})
        )
        assert "personal" not in event["data"]
        assert event["personaldigest"]
    assert sessions.ask("select count(*) from sealed.block") == [(2,)]


def test_the_same_session_is_not_held_twice_in_two_versions(sessions: Service) -> None:
    sessions.recorded(sessions.delivery(HELD, session="anderlecht:s-1"))
    assert sessions.refused(sessions.delivery(NEWER, session="anderlecht:s-1")) == ("session_id_used",)


def test_corrections_go_up_a_version_and_never_down(sessions: Service) -> None:
    old = sessions.recorded(sessions.delivery(HELD, session="anderlecht:s-1"))
    before = dict(sessions.ask("select id::text, body from event_store.event"))
    first = sessions.delivery("session.corrected", "held", **reference(old))
    once = sessions.recorded(first)
    up = {"corrects": old["id"], "supersedes": once["id"]}
    newer = sessions.recorded(sessions.delivery("session.corrected.v2", "held", **up))
    down = {"corrects": old["id"], "supersedes": newer["id"]}
    (result,) = sessions.record(sessions.delivery("session.corrected", "held", **down))
    assert [(p.code, p.field, p.allowed) for p in result.problems] == [
        ("older_version", "type", "miriam.session.corrected.v2"),
    ]  # fmt: skip
    told_new = sessions.recorded(sessions.delivery(NEWER, session="anderlecht:s-2"))
    assert sessions.refused(sessions.delivery("session.corrected", "held", **reference(told_new))) == ("older_version",)
    assert sessions.record(first)[0].outcome == "duplicate"
    after = dict(sessions.ask("select id::text, body from event_store.event"))
    assert {name: after[name] for name in before} == before, "what was recorded stays, byte for byte"


@pytest.mark.parametrize("kind", [HELD, NEWER])
def test_either_version_is_retracted(sessions: Service, kind: str) -> None:
    event = sessions.recorded(sessions.delivery(kind, session="anderlecht:s-1"))
    named = {"retracts": event["id"], "supersedes": event["id"], "fact": "held"}
    sessions.recorded(sessions.delivery("session.retracted", **named))
    again = {"corrects": event["id"], "supersedes": event["id"]}
    assert sessions.refused(sessions.delivery("session.corrected.v2", "held", **again)) == ("already_retracted",)


def test_a_version_that_nobody_published_is_refused(sessions: Service) -> None:
    event = {**emitted(NEWER), "type": "miriam.session.held.v3"}
    assert sessions.refused(Delivery(orjson.dumps(event), "cpas.anderlecht", "anderlecht.session.held")) == (
        "unknown_type",
    )
