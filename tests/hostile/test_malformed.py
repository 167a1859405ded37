"""Whatever comes in as an event is recorded or refused with its reason, kept, and stops nothing that comes after."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest
from attacker import Attacker
from carriers import TABLES, RawTable
from running_platform import RunningPlatform

from miriam_contracts.envelope import MAX_BYTES

# A number that is valid by its check digits; nobody's (day 00 of month 00 is given to nobody).
NUMBER = "00000000097"
KEY = "anderlecht.session.held"


def body(**attributes: Any) -> bytes:
    """An envelope's bytes, out of raw JSON values."""
    whole = {
        "specversion": '"1.0"',
        "id": '"m-1"',
        "source": '"/cpas/anderlecht"',
        "type": '"miriam.session.held.v1"',
        "subject": '"anderlecht:p-1"',
        "time": '"2024-01-10T15:20:05+01:00"',
        "data": "{}",
    } | attributes
    return ("{" + ",".join(f'"{name}":{value}' for name, value in whole.items()) + "}").encode()


BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not_json"),
    "one byte": (b"\x00", "not_json"),
    "no UTF-8": (b'{"id":"\xff\xfe"}', "not_json"),
    "UTF-16": ('{"id":"x"}'.encode("utf-16"), "not_json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "not_json"),
    "half an object": (body()[:-1], "not_json"),
    "two objects": (body() + body(), "not_json"),
    "a list": (b"[" + body() + b"]", "wrong_type"),
    "a text": (b'"miriam"', "wrong_type"),
    "null": (b"null", "wrong_type"),
    "empty object": (b"{}", "required"),
    "nesting beyond any stack": (b"[" * 100_000, "not_json"),
    "nesting of 200": (body(data='{"a":' * 200 + "1" + "}" * 200), "not_canonical"),
    "NaN": (body(data='{"a":NaN}'), "not_json"),
    "Infinity": (body(data='{"a":-Infinity}'), "not_json"),
    "a fraction": (body(data='{"a":1.5}'), "not_canonical"),
    "1e400": (body(data='{"a":1e400}'), "not_json"),
    "2^53": (body(data=f'{{"a":{2**53}}}'), "not_canonical"),
    "2^64": (body(data=f'{{"a":{2**64}}}'), "not_canonical"),
    "ten thousand digits": (body(data='{"a":' + "9" * 10_000 + "}"), "not_json"),
    "a lone surrogate": (body(data='{"a":"\\ud800"}'), "not_json"),
    "a lone surrogate as key": (body(data='{"\\udfff":1}'), "not_json"),
    "a raw control character": (body(data='{"a":"\x01"}'), "not_json"),
    "a key that is not ASCII": (body(data='{"é":1}'), "not_canonical"),
    "the same key twice": (body(data='{"a":1,"a":2}'), "repeated_key"),
    "the same key twice, escaped": (body(data='{"a":1,"\\u0061":"\\""}'), "repeated_key"),
    "two sources": (b'{"source":"/cpas/schaerbeek",' + body()[1:], "repeated_key"),
    "an attribute nobody knows": (body(extra='"x"'), "unknown_attribute"),
    "a type that is a number": (body(type="1"), "wrong_type"),
    "a type that is a list": (body(type='["miriam.session.held.v1"]'), "wrong_type"),
    "a source that is null": (body(source="null"), "wrong_type"),
    "an id with a line feed": (body(id='"m\\n"'), "wrong_form"),
    "an id with a NUL": (body(id='"m\\u0000"'), "wrong_form"),
    "an id that is a path": (body(id='"../../etc"'), "wrong_form"),
    "an id of digits of another script": (body(id='"٣"'), "wrong_form"),
    "an id of 65 characters": (body(id='"' + "x" * 65 + '"'), "wrong_form"),
    "another version of CloudEvents": (body(specversion='"0.3"'), "wrong_form"),
    "a time that is no time": (body(time='"2024-02-30T00:00:00Z"'), "not_an_instant"),
    "a time without zone": (body(time='"2024-02-01T00:00:00"'), "not_an_instant"),
    "a time before the calendar": (body(time='"0001-01-01T00:00:00+23:59"'), "required"),
    "data that is a list": (body(data="[]"), "wrong_type"),
    "data that is null": (body(data="null"), "wrong_type"),
    "a type of tomorrow": (body(type='"miriam.session.held.v99"'), "unknown_type"),
    "no type of ours": (body(type='"com.example.thing"'), "unknown_type"),
    "more than 256 KiB": (body(data='{"a":"' + "x" * MAX_BYTES + '"}'), "too_large"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BROKEN))
def test_what_is_malformed_is_refused_and_the_next_event_is_recorded(
    anderlecht: Attacker, schaerbeek: Attacker, name: str
) -> None:
    sent, rule = BROKEN[name]
    assert rule in anderlecht.refused(sent, KEY)
    anderlecht.records()
    schaerbeek.records()


def test_what_no_service_has_a_queue_for_is_refused_by_intake(anderlecht: Attacker) -> None:
    for key in ("anderlecht.no_family.happened", "anderlecht.door.tallied", "anderlecht.report.published"):
        assert anderlecht.refused(body(type=f'"miriam.{key.partition(".")[2]}.v1"'), key) == ["unknown_type"]
        assert anderlecht.refused(b"\xff", key) == ["not_json"]
    anderlecht.records("participation.enrolled")


@pytest.mark.parametrize("attribute", ["id", "subject", "correlationid", "causationid"])
@pytest.mark.parametrize("number", [NUMBER, "00.00.00-000.97", "00-00-00--000--97", "p00000000097x", "1_00000000097"])
def test_a_national_number_in_an_attribute_is_refused_and_kept_sealed_alone(
    anderlecht: Attacker, platform: RunningPlatform, attribute: str, number: str
) -> None:
    event = anderlecht.event("session.held")
    event[attribute] = f"anderlecht:{number}" if attribute == "subject" else number
    if attribute == "subject":
        event["data"]["participation"] = event["subject"]
    assert "national_number_in_id" in anderlecht.refused(event)
    told = platform.ask("sessions", "select row_to_json(r)::text from (select * from door.refusal) r")
    assert not any(number in text for (text,) in told)


@pytest.mark.parametrize("field", ["project", "participation", "session", "case_manager"])
def test_a_national_number_in_an_id_of_the_payload_is_refused(anderlecht: Attacker, field: str) -> None:
    event = anderlecht.event("session.held", **{field: f"anderlecht:{NUMBER}"})
    assert "national_number_in_id" in anderlecht.refused(event)


def test_traceparent_carries_no_number_of_a_person(anderlecht: Attacker) -> None:
    event = anderlecht.event("session.held")
    assert anderlecht.refused({**event, "traceparent": NUMBER}) == ["wrong_form"]
    assert anderlecht.refused({**event, "traceparent": "Fatima.El.Amrani"}) == ["wrong_form"]
    whole = {**event, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    anderlecht.publish(whole)
    assert anderlecht.answer()["receipt"] == "recorded"


def test_a_receipt_stays_small_however_many_rules_an_event_breaks(anderlecht: Attacker) -> None:
    event = anderlecht.event("session.held", **dict.fromkeys(map(str, range(9_000)), "x"))
    anderlecht.publish(event)
    receipt = anderlecht.answer()
    assert receipt["receipt"] == "refused"
    assert len(orjson.dumps(receipt)) < 65_536
    anderlecht.records()


def test_a_name_that_spells_out_an_escape_stops_no_ledger(authority: Attacker, platform: RunningPlatform) -> None:
    authority.publish({**authority.event("edition.opened", name="a \\u0000 name", edition="e-nul"), "subject": "e-nul"})
    assert authority.answer()["receipt"] == "recorded"
    platform.settle(30)
    assert platform.ask("reporting", "select count(*) from ledger.alarm") == [(0,)]


@pytest.mark.parametrize("name", list(TABLES))
def test_headers_of_any_kind_stop_no_inbox(anderlecht: Attacker, schaerbeek: Attacker, name: str) -> None:
    event = anderlecht.event("session.held")
    properties = RawTable(content_type="application/cloudevents+json", user_id=anderlecht.user)
    properties.table = TABLES[name]
    with anderlecht.channel() as channel:
        channel.basic_publish("cpas.inbox", KEY, orjson.dumps(event), properties, mandatory=True)
    assert anderlecht.answer()["receipt"] == "recorded"
    schaerbeek.records()


def test_a_copy_sent_to_anothers_inbox_is_refused_and_named(
    anderlecht: Attacker, schaerbeek: Attacker, platform: RunningPlatform
) -> None:
    """The broker lets a sender name further keys in the header CC, and asks nobody whether it may."""
    event = anderlecht.event("session.held")
    anderlecht.publish(event, headers={"CC": ["schaerbeek.session.held"], "BCC": ["schaerbeek.goal.set"]})
    answers = anderlecht.answers(most=2)
    assert sorted(answer["receipt"] for answer in answers) == ["recorded", "refused"]
    (refused,) = [answer for answer in answers if answer["receipt"] == "refused"]
    assert [problem["code"] for problem in refused["problems"]] == ["copied_to_another"]
    assert schaerbeek.answers(seconds=0.5) == []
    schaerbeek.records()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"content_encoding": "gzip"}, "content_encoding"),
        ({"content_encoding": "deflate", "content_type": None}, "content_encoding"),
        ({"content_encoding": "x" * 255}, "content_encoding"),
        ({"content_type": "application/cloudevents-batch+json"}, "content_type"),
        ({"content_type": "application/octet-stream"}, "content_type"),
        ({"content_type": "text/xml"}, "content_type"),
        ({"expiration": "600000"}, "expiration_set"),
    ],
)
def test_what_says_of_itself_that_it_is_no_plain_event_is_refused_by_that_name(
    anderlecht: Attacker, schaerbeek: Attacker, said: dict[str, Any], code: str
) -> None:
    event = anderlecht.event("session.held")
    assert anderlecht.refused(event, **said) == [code]
    packed = gzip.compress(orjson.dumps(event))
    assert anderlecht.refused(packed, KEY, **said) == [code]
    schaerbeek.records()


@pytest.mark.parametrize(
    "said",
    [
        {"content_type": None},
        {"content_type": "application/json"},
        {"content_type": "Application/CloudEvents+JSON; charset=UTF-8"},
        {"content_encoding": "utf-8"},
        {"content_encoding": "identity"},
        {"delivery_mode": 1, "priority": 9, "message_id": "x" * 255, "type": "other", "app_id": "é", "reply_to": "r"},
    ],
)
def test_what_a_client_adds_of_itself_hinders_nothing(anderlecht: Attacker, said: dict[str, Any]) -> None:
    event = anderlecht.event("session.held")
    anderlecht.publish(event, **said)
    receipt = anderlecht.answer()
    assert (receipt["receipt"], receipt["id"]) == ("recorded", event["id"]), receipt["problems"]


def test_what_expires_in_an_inbox_that_nobody_empties_is_answered(
    anderlecht: Attacker, schaerbeek: Attacker, platform: RunningPlatform
) -> None:
    """The broker has confirmed it, and drops it: without an answer its sender would take it for recorded one day."""
    event = anderlecht.event("session.held")
    platform.supervisor.stop(["sessions"])
    try:
        anderlecht.publish(event, expiration="50")
        receipt = anderlecht.answer()
    finally:
        platform.supervisor.begin(["sessions"])
    assert (receipt["receipt"], receipt["service"], receipt["id"]) == ("refused", "intake", event["id"])
    assert [problem["code"] for problem in receipt["problems"]] == ["undelivered"]
    schaerbeek.records()
    anderlecht.publish(event)
    assert anderlecht.answer()["receipt"] == "recorded"
