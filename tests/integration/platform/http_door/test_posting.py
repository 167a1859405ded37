"""`POST /v1/events`: each event has its receipt, in order, after the commit; what is wrong is said to be mended."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_client import BATCH, ONE, Client

from miriam_contracts.canonical import canonical
from miriam_platform.http_door import HttpDoor
from miriam_platform.keys import Keys

Rows = Callable[..., list[tuple[Any, ...]]]
NISS = "85073003328"


def test_one_event_is_recorded_and_its_receipt_can_be_proved(
    client: Client, sender: Any, rows: Rows, keys: Keys
) -> None:
    answer = client.post_one(sender.goal_set())
    assert (answer.status, answer.outcomes) == (200, ["recorded"])
    [receipt] = answer.receipts
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(str(keys.receipt_public["x"]) + "=="))
    public.verify(
        base64.b64decode(receipt["signature"]), canonical({k: v for k, v in receipt.items() if k != "signature"})
    )
    assert (receipt["emitter"], receipt["service"], receipt["id"]) == ("/cpas/anderlecht", "sessions", "e-1")
    [(body,)] = rows("select body from event_store.event")
    assert receipt["events"][0]["leaf"] == hashlib.sha256(b"\0" + body.encode()).hexdigest()


def test_a_batch_is_answered_in_the_order_of_its_events(client: Client, sender: Any) -> None:
    events = [
        sender.goal_set("p-1"),
        sender.goal_reached("p-2"),
        sender.goal_reached("p-1"),
        *(sender.goal_set(f"p-{n}") for n in range(10, 150)),
    ]
    answer = client.post(*events, events[0])
    assert answer.outcomes == ["recorded", "refused", *["recorded"] * 141, "duplicate"]
    assert [r["id"] for r in answer.receipts] == [*(f"e-{n}" for n in range(1, 144)), "e-1"]
    sequences = [r["events"][0]["sequence"] for r in answer.receipts if r["receipt"] == "recorded"]
    assert sequences == list(range(1, 143))
    assert answer.receipts[-1]["events"] == answer.receipts[0]["events"]


def test_the_same_emission_again_is_a_duplicate_and_another_content_under_its_id_is_refused(
    client: Client, sender: Any, rows: Rows
) -> None:
    first = sender.goal_set(id="mine")
    assert client.post(first).outcomes == ["recorded"]
    again = client.post_one(first)
    assert (again.outcomes, again.receipts[0]["events"][0]["sequence"]) == (["duplicate"], 1)
    other = client.post_one(sender.goal_set("p-9", id="mine"))
    assert [p["code"] for p in other.receipts[0]["problems"]] == ["id_reused"]
    assert rows("select count(*) from event_store.event") == [(1,)]


def test_a_refusal_names_field_rule_and_what_is_allowed_and_is_kept(client: Client, sender: Any, rows: Rows) -> None:
    answer = client.post_one(sender.goal_set(data={"domain": "yoga"}))
    assert (answer.status, answer.outcomes) == (200, ["refused"])
    [problem] = answer.receipts[0]["problems"]
    assert (problem["field"], problem["code"]) == ("data/domain", "unknown_code")
    assert "housing" in problem["allowed"]
    assert set(problem["title"]) == {"en", "fr", "nl", "de"}
    assert rows("select emitter, rule, routing_key from door.refusal") == [
        ("anderlecht", "unknown_code", "anderlecht.goal.set")
    ]


def test_the_body_may_be_compressed(client: Client, sender: Any) -> None:
    body = gzip.compress(b"[" + sender.goal_set().body + b"]")
    assert client.post_body(body, Content_Encoding="gzip").outcomes == ["recorded"]
    assert client.post_body(gzip.compress(sender.goal_set().body), ONE, Content_Encoding="gzip").outcomes == [
        "recorded"
    ]


def test_a_bomb_is_refused_and_nothing_of_it_recorded(client: Client, sender: Any, rows: Rows) -> None:
    bomb = gzip.compress(b"[" + sender.goal_set().body + b" " * (64 * 1024 * 1024) + b"]")
    answer = client.post_body(bomb, Content_Encoding="gzip")
    assert (answer.status, answer.body["code"], answer.body["allowed"]) == (413, "too_large", "..8388608")
    assert rows("select count(*) from event_store.event") == [(0,)]


def test_a_thousand_events_are_taken_and_one_more_is_too_many(client: Client, sender: Any, rows: Rows) -> None:
    events = [sender.goal_set(f"p-{n}") for n in range(1001)]
    answer = client.post(*events)
    assert (answer.status, answer.body["code"], answer.body["allowed"]) == (413, "too_large", "1..1000")
    assert rows("select count(*) from event_store.event") == [(0,)]
    assert client.post(*events[:1000]).outcomes == ["recorded"] * 1000
    assert rows("select count(*), max(sequence) from event_store.event") == [(1000, 1000)]


def test_a_body_beyond_eight_mebibytes_is_too_large(client: Client) -> None:
    answer = client.post_body(b"[" + b" " * (8 * 1024 * 1024) + b"]")
    assert (answer.status, answer.body["code"]) == (413, "too_large")


def test_one_event_beyond_its_size_is_refused_and_the_others_are_recorded(client: Client, sender: Any) -> None:
    large = orjson.loads(sender.goal_set("p-2").body)
    large["data"]["note"] = "x" * 300_000
    answer = client.post(sender.goal_set("p-1"), orjson.dumps(large), sender.goal_set("p-3"))
    assert answer.outcomes == ["recorded", "refused", "recorded"]
    assert [(p["code"], p["allowed"]) for p in answer.receipts[1]["problems"]] == [("too_large", "..262144")]
    assert answer.receipts[1]["id"] == large["id"]


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"{", BATCH, "not_json"),
        (b"{}", BATCH, "not_json"),
        (b'[{"a": NaN}]', BATCH, "not_json"),
        (b"", BATCH, "not_json"),
        (b"{", ONE, "not_json"),
        (b"", ONE, "not_json"),
        (b"[]", BATCH, "empty_batch"),
    ],
)
def test_what_is_no_json_is_no_request(client: Client, rows: Rows, body: bytes, content_type: str, code: str) -> None:
    answer = client.post_body(body, content_type)
    assert (answer.status, answer.body["code"]) == (400, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert rows("select count(*) from door.refusal") == [(0,)]


def test_an_event_that_json_allows_and_no_contract_is_refused_alone(client: Client, sender: Any) -> None:
    answer = client.post(b"[" * 2000 + b"]" * 2000, b'"text"', b"1.5", b"null", b'{"a":"\\ud800"}', sender.goal_set())
    assert answer.outcomes == ["refused"] * 5 + ["recorded"]


@pytest.mark.parametrize(
    ("content_type", "headers", "field"),
    [
        ("application/json", {}, "Content-Type"),
        (None, {}, "Content-Type"),
        (f"{BATCH}; charset=latin-1", {}, "Content-Type"),
        (BATCH, {"Content_Encoding": "br"}, "Content-Encoding"),
    ],
)
def test_another_media_type_is_not_taken(
    client: Client, content_type: str | None, headers: dict[str, str], field: str
) -> None:
    answer = client.post_body(b"[1]", content_type, **headers)
    assert (answer.status, answer.body["code"], answer.body["field"]) == (415, "media_type", field)
    assert answer.body["allowed"]


def test_the_problem_speaks_the_readers_language(client: Client) -> None:
    titles = {language: client.post_body(b"[]", Accept_Language=language) for language in ("fr", "nl-BE", "de", "es")}
    assert titles["fr"].body["title"] == "La requête ne contient aucun événement."
    assert titles["nl-BE"].body["title"] == "Het verzoek bevat geen gebeurtenis."
    assert titles["de"].body["title"] == "Die Anfrage enthält kein Ereignis."
    assert titles["es"].body["title"] == "The request holds no event."
    assert titles["fr"].headers["Content-Language"] == "fr"


def test_who_sends_in_anothers_name_is_refused(client: Client, new_sender: Callable[[str], Any], rows: Rows) -> None:
    answer = client.post(new_sender("schaerbeek").goal_set())
    assert [p["code"] for p in answer.receipts[0]["problems"]] == ["source_not_sender"]
    assert answer.receipts[0]["emitter"] == "/cpas/anderlecht"
    assert rows("select emitter from door.refusal") == [("anderlecht",)]


@pytest.mark.parametrize("told", ["", "1"])
def test_a_personal_block_stands_open_only_where_the_way_is_encrypted(
    new_door: Callable[..., HttpDoor], add_token: Callable[..., str], sender: Any, rows: Rows, told: str
) -> None:
    client = Client(new_door(MIRIAM_DOOR_ENCRYPTED=told), add_token())
    note = {"text": "she wants a flat of her own"}
    opened = sender.goal_set("p-1", data={"personal": note})
    sealed = sender.goal_set("p-2", data={"personal": sender.jwe(note)})
    answer = client.post(opened, sealed)
    assert answer.outcomes == ["recorded" if told else "refused", "recorded"]
    if not told:
        assert [p["code"] for p in answer.receipts[0]["problems"]] == ["personal_in_clear"]
    assert rows("select count(*) from sealed.block") == [(2 if told else 1,)]
    assert rows("select count(*) from event_store.event where body like '%%flat%%'") == [(0,)]


def test_a_type_that_nobody_knows_leaves_nothing_readable(client: Client, sender: Any, rows: Rows) -> None:
    event = {**orjson.loads(sender.goal_set().body), "type": f"miriam.peeters.x{NISS}.v1"}
    assert client.post_one(orjson.dumps(event)).outcomes == ["refused"]
    [(row,)] = rows("select row_to_json(refusal)::text from door.refusal")
    assert "peeters" not in row
    assert NISS not in row


def test_the_same_emission_by_both_doors_takes_effect_once(
    client: Client, sender: Any, recorder: Any, rows: Rows
) -> None:
    by_amqp, by_http = sender.goal_set("p-1"), sender.goal_set("p-2")
    assert [r.outcome for r in recorder.record([by_amqp])] == ["recorded"]
    assert client.post(by_amqp, by_http).outcomes == ["duplicate", "recorded"]
    assert [r.outcome for r in recorder.record([replace(by_http, redelivered=True)])] == ["duplicate"]
    assert rows("select count(*) from event_store.event") == [(2,)]
