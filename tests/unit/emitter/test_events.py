"""What enters the spool names nobody in the open, and can be sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from miriam_contracts.envelope import parse
from miriam_contracts.examples import emitted
from miriam_emitter import Emitter, EventRejected, NotConfigured, Settings
from miriam_emitter.events import problems

Event = Callable[..., dict[str, Any]]
MARKER = "Marie-Zephyrine"


def only(emitter: Emitter) -> dict[str, Any]:
    (entry,) = emitter.spool.waiting(0, 10)
    body: dict[str, Any] = json.loads(entry.body)
    return body


def test_the_short_form_becomes_a_whole_event_that_keeps_its_contract(emitter: Emitter, enrolment: Event) -> None:
    emitter.put(enrolment(1, first_name=MARKER))
    parsed = parse(only(emitter))
    assert (parsed.source, parsed.id, parsed.event_type.fact) == ("/cpas/anderlecht", "e-1", "enrolled")
    (entry,) = emitter.spool.waiting(0, 10)
    assert (entry.routing_key, entry.service) == ("anderlecht.participation.enrolled", "intake")


def test_only_the_service_can_open_a_personal_block(
    emitter: Emitter, enrolment: Event, opening: dict[str, ECKey]
) -> None:
    emitter.put(enrolment(1, first_name=MARKER))
    token = only(emitter)["data"]["personal"]
    opened = jwe.decrypt_compact(token, opening["intake"], algorithms=["ECDH-ES", "A256GCM"])
    assert json.loads(opened.plaintext or b"") == {"first_name": MARKER}
    assert (opened.headers()["alg"], opened.headers()["enc"]) == ("ECDH-ES", "A256GCM")


def test_no_file_of_the_spool_holds_a_personal_word(emitter: Emitter, enrolment: Event) -> None:
    correction = {
        **enrolment(2),
        "type": "miriam.participation.corrected.v1",
        "data": {"fact": "enrolled", "replacement": enrolment(2, last_name=MARKER)["data"]},
    }
    emitter.put([enrolment(1, first_name=MARKER, niss="85.07.30-033.28"), correction])
    files = list(emitter.settings.spool.parent.glob("anderlecht.spool*"))
    assert len(files) >= 4
    for path in files:
        content = path.read_bytes()
        assert MARKER.encode() not in content, path
        assert b"033.28" not in content, path


def test_a_block_that_is_sealed_already_stays_as_it_is(emitter: Emitter, enrolment: Event) -> None:
    event = enrolment(1)
    event["data"]["personal"] = "a.b.c.d.e"
    emitter.put(event)
    assert only(emitter)["data"]["personal"] == "a.b.c.d.e"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "`id`"),
        ({"id": "has a space"}, "`id`"),
        ({"id": "85073003328"}, "national number"),
        ({"subject": "anderlecht:85.07.30-033.28"}, "national number"),
        ({"type": "miriam.participation"}, "`type`"),
        ({"source": "/cpas/seraing"}, "/cpas/anderlecht"),
        ({"data": {"personal": MARKER}}, "personal"),
        ({"type": "miriam.unheard_of.happened.v1", "data": {"personal": {"first_name": MARKER}}}, "no service owns"),
        ({"data": {"when": object()}}, "canonical form: /data/when"),
        ({"data": {"children": 1.5}}, "canonical form: /data/children"),
        ({"data": {"Zéphyrine": 1}}, "ASCII"),
        ({"data": {"text": "\ud800"}}, "canonical"),
        ({"data": {"text": "x" * 300_000}}, "bytes"),
    ],
)
def test_what_could_not_travel_is_said_at_once_and_without_its_value(
    emitter: Emitter, enrolment: Event, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(EventRejected, match=said) as caught:
        emitter.put([enrolment(1), {**enrolment(2), **change}])
    assert caught.value.index == 1
    assert caught.value.next_step
    assert MARKER not in str(caught.value)
    assert "85073003328" not in str(caught.value)
    assert emitter.spool.count_waiting() == 0


def test_an_event_without_time_is_rejected_because_a_second_sending_would_differ(
    emitter: Emitter, enrolment: Event
) -> None:
    event = enrolment(1)
    del event["time"]
    with pytest.raises(EventRejected, match="`time`"):
        emitter.put(event)


def test_what_only_the_platform_may_judge_is_sent(emitter: Emitter, enrolment: Event) -> None:
    wrong = enrolment(1)
    wrong["data"]["children"] = -1
    unheard = {**enrolment(2), "type": "miriam.unheard_of.happened.v1"}
    emitter.put([wrong, unheard])
    assert emitter.spool.count_waiting() == 2


def test_a_missing_key_of_a_service_is_named(emitter: Emitter, enrolment: Event, settings: Settings) -> None:
    (settings.keys_dir / "intake.personal.pub.json").unlink()
    emitter.put(enrolment(1))
    with pytest.raises(NotConfigured, match=r"intake\.personal\.pub\.json"):
        emitter.put(enrolment(2, first_name=MARKER))


def test_problems_are_told_before_sending(enrolment: Event, settings: Settings) -> None:
    good = enrolment(1, first_name="Marie")
    assert problems(good, settings) == []
    bad = {**good, "data": {**good["data"], "children": -1, "personal": {"niss": "1"}}}
    assert [(p.code, p.field) for p in problems(bad, settings)] == [("out_of_range", "data/children")]
    assert [p.field for p in problems({**good, "subject": "seraing:p-1"}, settings)] == ["subject"]
    blocked = {**good, "data": {**good["data"], "personal": {"niss": "1"}}}
    assert [(p.code, p.field) for p in problems(blocked, settings)] == [("national_number", "data/personal/niss")]


def test_a_routing_key_has_no_version_and_each_version_is_checked_by_its_own_contract(
    emitter: Emitter, settings: Settings
) -> None:
    told = [emitted("session.held"), emitted("session.held.v2")]
    told[1]["subject"] = told[1]["data"]["participation"] = (
        "anderlecht:p-015"  # of one subject, one waits for the other
    )
    emitter.put(told)
    keys = [(entry.routing_key, entry.service) for entry in emitter.spool.waiting(0, 10)]
    assert keys == [("anderlecht.session.held", "sessions")] * 2
    assert [problems(event, settings) for event in told] == [[], []]
    mixed = {**told[1], "data": told[0]["data"]}
    assert {problem.code for problem in problems(mixed, settings)} == {"required", "unknown_field"}
