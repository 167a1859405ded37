"""A token vouches for one emitter, as long as it holds, for what it was made for, and at the rate that is allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from http_client import Client
from psycopg2.extensions import connection as Connection

from miriam_platform.http_door import HttpDoor

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer nothing",
        "Basic bXJtOnNlY3JldA==",
        "Bearer mrm_" + "a" * 12 + "_" + "b" * 43,
        "Bearer mrm_" + "a" * 12 + "_" + "\N{LATIN SMALL LETTER E WITH ACUTE}" * 43,
    ],
)
def test_without_a_token_that_is_known_nothing_is_taken(client: Client, sender: Any, rows: Rows, shown: str) -> None:
    answer = client.post(sender.goal_set(), Authorization=shown)
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert rows("select count(*) from event_store.event") == [(0,)]


def test_the_right_id_with_another_secret_is_not_known(client: Client, sender: Any) -> None:
    guess = client.token[:-1] + ("A" if client.token[-1] != "A" else "B")
    assert replace(client, token=guess).post(sender.goal_set()).status == 401


def test_a_token_ends_at_its_hour_and_when_it_is_revoked(
    client: Client, sender: Any, rows: Rows, add_token: Callable[..., str]
) -> None:
    ended = replace(client, token=add_token(expires_at="2020-01-01T00:00:00Z")).post(sender.goal_set())
    assert (ended.status, "expired" in ended.body["detail"]) == (401, True)
    assert client.post(sender.goal_set()).status == 200
    rows("select door.revoke_token(%s)", client.token.split("_")[1])
    revoked = client.post(sender.goal_set())
    assert (revoked.status, "revoked" in revoked.body["detail"]) == (401, True)
    assert rows("select count(*) from event_store.event") == [(1,)]


@pytest.mark.parametrize(("holder", "scope"), [("anderlecht", "receipts"), ("anderlecht", "events"), ("cour", "emit")])
def test_a_token_for_something_else_does_not_post(
    client: Client, sender: Any, add_token: Callable[..., str], holder: str, scope: str
) -> None:
    """Nor one whose holder is no emitter: nobody could be named as who said it."""
    answer = replace(client, token=add_token(holder, scope)).post(sender.goal_set())
    assert (answer.status, answer.body["code"]) == (403, "scope_missing")
    assert answer.body["allowed"]


def test_the_token_says_who_sends_whoever_the_event_names(
    client: Client, new_sender: Callable[[str], Any], add_token: Callable[..., str]
) -> None:
    schaerbeek = replace(client, token=add_token("schaerbeek"))
    answer = schaerbeek.post(new_sender("anderlecht").goal_set(), new_sender("schaerbeek").goal_set())
    assert answer.outcomes == ["refused", "recorded"]
    assert {r["emitter"] for r in answer.receipts} == {"/cpas/schaerbeek"}


def test_who_sends_too_much_is_told_when_to_come_back_and_others_are_not(
    new_door: Callable[..., HttpDoor], add_token: Callable[..., str], new_sender: Callable[[str], Any], rows: Rows
) -> None:
    door = new_door(MIRIAM_DOOR_EVENTS_PER_SECOND="1")
    anderlecht, schaerbeek = Client(door, add_token()), Client(door, add_token("schaerbeek"))
    sender = new_sender("anderlecht")
    assert anderlecht.post(*(sender.goal_set(f"p-{n}") for n in range(8))).status == 200
    answer = anderlecht.post(*(sender.goal_set(f"p-{n}") for n in range(8)))
    assert (answer.status, answer.body["code"]) == (429, "too_many")
    assert 5 <= int(answer.headers["Retry-After"]) <= 7
    assert rows("select count(*) from event_store.event") == [(8,)]
    assert schaerbeek.post(new_sender("schaerbeek").goal_set()).status == 200


def test_an_unreadable_request_costs_too(new_door: Callable[..., HttpDoor], add_token: Callable[..., str]) -> None:
    client = Client(new_door(MIRIAM_DOOR_EVENTS_PER_SECOND="1"), add_token())
    assert [client.post_body(b"{").status for _ in range(11)] == [400] * 10 + [429]


def test_one_holder_has_few_requests_under_way_and_others_have_theirs(
    client: Client, sender: Any, new_sender: Callable[[str], Any], add_token: Callable[..., str]
) -> None:
    door = client.door
    with (
        door.fairness.request("anderlecht"),
        door.fairness.request("anderlecht"),
        door.fairness.request("anderlecht"),
        door.fairness.request("anderlecht"),
    ):
        answer = client.post(sender.goal_set())
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        other = replace(client, token=add_token("schaerbeek"))
        assert other.post(new_sender("schaerbeek").goal_set()).status == 200
    assert client.post(sender.goal_set()).status == 200


def test_no_secret_is_stored(client: Client, sender: Any, owner: Connection) -> None:
    client.post(sender.goal_set())
    with owner.cursor() as cursor:
        cursor.execute("select row_to_json(token)::text from door.token")
        [(row,)] = cursor.fetchall()
    assert client.token.split("_", 2)[2] not in row
