"""`GET /v1/refusals/<id>`: what was refused, as it came, to its sender and to nobody else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from http_client import Client

from miriam_platform.fairness import MOST_AT_ONCE
from miriam_platform.http_door import HttpDoor

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def other(client: Client, add_token: Callable[..., str]) -> Client:
    """`schaerbeek`, at the same door."""
    return replace(client, token=add_token("schaerbeek"))


def test_its_sender_reads_what_was_refused_to_the_byte(client: Client, sender: Any) -> None:
    sent = sender.goal_set(id="e-odd", data={"domain": "astrology"})
    assert client.post_one(sent).outcomes == ["refused"]
    status, headers, body = client.refusal("e-odd")
    assert (status, headers["Content-Type"]) == (200, "application/cloudevents+json")
    assert body.encode() == sent.body
    # It may name somebody.
    assert headers["Cache-Control"] == "no-store"


def test_who_reads_much_at_once_leaves_room_for_others(client: Client, sender: Any) -> None:
    client.post_one(sender.goal_set(id="e-odd", data={"domain": "astrology"}))
    with contextlib.ExitStack() as under_way:
        for _ in range(MOST_AT_ONCE):
            under_way.enter_context(client.door.fairness.request("anderlecht"))
        assert client.refusal("e-odd")[0] == 429
    assert client.refusal("e-odd")[0] == 200


def test_what_was_sealed_with_another_key_is_not_there(client: Client, sender: Any) -> None:
    client.post_one(sender.goal_set(id="e-odd", data={"domain": "astrology"}))
    keys = replace(client.door.keys, door=bytes(32))
    assert replace(client, door=replace(client.door, keys=keys)).refusal("e-odd")[0] == 404


def test_the_last_one_is_shown_also_once_it_was_mended(client: Client, sender: Any) -> None:
    for domain in ("astrology", "alchemy", "training"):
        client.post_one(sender.goal_set(id="e-odd", data={"domain": domain}))
    assert json.loads(client.refusal("e-odd")[2])["data"]["domain"] == "alchemy"


def test_nobody_reads_what_another_was_refused(client: Client, other: Client, sender: Any) -> None:
    client.post_one(sender.goal_set(id="e-odd", data={"domain": "astrology"}))
    client.post_one(sender.goal_set(id="e-good"))
    assert other.refusal("e-odd")[0] == 404
    for unknown in ("e-good", "e-never", "e odd", "x" * 65):
        assert client.refusal(unknown)[0] == 404
        assert "astrology" not in client.refusal(unknown)[2]


@pytest.mark.parametrize(
    "ended", ["update door.refusal set expires_at = now()", "update door.refusal set payload = ''"]
)
def test_what_was_emptied_or_has_had_its_day_is_not_shown(client: Client, sender: Any, rows: Rows, ended: str) -> None:
    client.post_one(sender.goal_set(id="e-odd", data={"domain": "astrology"}))
    rows(ended)
    assert client.refusal("e-odd")[0] == 404


def test_what_came_over_an_encrypted_way_goes_back_over_one_alone(
    new_door: Callable[..., HttpDoor], add_token: Callable[..., str], sender: Any
) -> None:
    token = add_token()
    open_way, encrypted = (Client(new_door(MIRIAM_DOOR_ENCRYPTED=told), token) for told in ("0", "1"))
    sent = sender.goal_set(id="e-odd", data={"domain": "astrology", "personal": {"text": "her name"}})
    assert encrypted.post_one(sent).outcomes == ["refused"]
    assert "her name" in encrypted.refusal("e-odd")[2]
    status, _, body = open_way.refusal("e-odd")
    assert status == 404
    assert "her name" not in body
    sealed = sender.goal_set(id="e-sealed", data={"domain": "alchemy"})
    assert open_way.post_one(sealed).outcomes == ["refused"]
    assert open_way.refusal("e-sealed")[0] == 200


@pytest.fixture
def service(client: Client) -> Client:
    """Another service, at the same door."""
    return replace(client, token="a-token-between-services")


def test_a_service_is_told_which_events_of_an_emitter_were_refused_and_why(
    client: Client, other: Client, service: Client, sender: Any
) -> None:
    client.post_one(sender.goal_set(id="e-odd", data={"domain": "astrology"}))
    client.post_one(sender.goal_set(id="e-good"))
    client.post_one(sender.goal_set(id="e-late", data={"domain": "alchemy"}))
    other.post_one(sender.goal_set(id="e-other", data={"domain": "alchemy"}))
    found = service.refusals(emitter="anderlecht").body["refusals"]
    assert [(each["id"], each["problems"][0]["field"]) for each in found] == [
        ("e-late", "data/domain"),
        ("e-odd", "data/domain"),
    ]
    assert [each["id"] for each in service.refusals(emitter="anderlecht", limit="1").body["refusals"]] == ["e-late"]


def test_what_was_sent_and_whom_it_is_about_is_told_to_no_service(client: Client, service: Client, sender: Any) -> None:
    event = sender.goal_set("anderlecht:p-77", id="e-odd", data={"domain": "astrology"})
    client.post_one(event)
    told = json.dumps(service.refusals(emitter="anderlecht").body)
    assert "e-odd" in told
    assert "astrology" not in told
    assert "p-77" not in told


def test_an_emitter_asks_no_list_of_refusals(client: Client) -> None:
    assert client.refusals(emitter="anderlecht").status == 401
