"""Trouble of ours at the HTTP door: what was settled is told, the rest is sent again; nothing is lost or doubled."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from http_client import Answered, Client
from psycopg2.extensions import connection as Connection

from miriam_platform import door, posted, sealing
from miriam_platform.http_door import HttpDoor
from miriam_platform.keys import Keys

Rows = Callable[..., list[tuple[Any, ...]]]


def test_one_event_that_fails_by_our_fault_stops_nobody_but_its_subject(
    client: Client, sender: Any, rows: Rows
) -> None:
    events = [
        sender.goal_set("p-1", id="before"),
        sender.goal_set("p-2", "g-poison", id="poison"),
        sender.goal_set("p-2", "g-2", id="follower"),
        sender.goal_set("p-3", id="after"),
    ]
    answer = client.post(*events)
    assert (answer.status, answer.body["code"], answer.headers["Retry-After"]) == (503, "unavailable", "2")
    assert [(r["id"], r["receipt"]) for r in answer.receipts] == [("before", "recorded"), ("after", "recorded")]
    assert rows("select attempts, emitter from door.attempt") == [(1, "anderlecht")]
    for attempt in (2, 3, 4):
        assert client.post(*events).outcomes == ["duplicate", "duplicate"]
        assert rows("select attempts from door.attempt") == [(attempt,)]
    answer = client.post(*events)
    assert (answer.status, answer.outcomes) == (200, ["duplicate", "parked", "parked", "duplicate"])
    assert answer.receipts[1]["id"] == "poison"
    assert rows("select emitted_id, attempts, status from door.parked order by position") == [
        ("poison", 5, "parked"),
        ("follower", 0, "parked"),
    ]
    assert rows("select count(*) from door.attempt") == [(0,)]
    assert client.post(sender.goal_set("p-2"), sender.goal_set("p-9")).outcomes == ["parked", "recorded"]


def test_a_fault_that_passes_leaves_no_count_behind(
    client: Client, sender: Any, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRIAM_TEST_MENDED", str(tmp_path / "mended"))
    events = [sender.goal_set("p-2", "g-poison"), sender.goal_reached("p-2", "g-poison")]
    assert client.post(*events).status == 503
    (tmp_path / "mended").touch()
    assert client.post(*events).outcomes == ["recorded", "recorded"]
    assert rows("select count(*) from door.attempt") == [(0,)]


def test_both_doors_count_the_same_message_as_one(client: Client, sender: Any, recorder: Any, rows: Rows) -> None:
    poison = sender.goal_set("p-2", "g-poison")
    assert client.post_one(poison).status == 503
    with client.door.database.transaction() as connection:
        assert door.count_attempt(connection, poison, recorder.keys, "by the inbox") == 2
    assert rows("select attempts from door.attempt") == [(2,)]


def test_a_fault_in_a_later_part_of_a_batch_keeps_the_receipts_of_the_earlier_ones(
    client: Client, sender: Any, rows: Rows
) -> None:
    events = [sender.goal_set(f"p-{n}") for n in range(120)]
    events[70] = sender.goal_set("p-70", "g-poison", id="poison")
    events[115] = sender.goal_set("p-70", id="follower")
    answer = client.post(*events)
    assert (answer.status, answer.outcomes) == (503, ["recorded"] * 118)
    assert {"poison", "follower"}.isdisjoint(r["id"] for r in answer.receipts)
    assert "2 of 120" in answer.body["detail"]


def test_a_database_that_is_away_is_told_and_held_against_no_event(
    client: Client, sender: Any, rows: Rows, admin: Connection, access: Any
) -> None:
    assert client.post(sender.goal_set("p-0")).status == 200
    event = sender.goal_set("p-1")
    with admin.cursor() as cursor:
        cursor.execute(f"alter database {access.name} allow_connections false")
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = %s and application_name like '%%-http%%'",
            (access.name,),
        )
        answer = client.post(event)
        assert (answer.status, answer.body["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        cursor.execute(f"alter database {access.name} allow_connections true")
    assert client.post(event).outcomes == ["recorded"]
    assert rows("select count(*) from door.attempt") == [(0,)]


def test_a_connection_that_was_lost_while_idle_is_nobodys_trouble(
    client: Client, sender: Any, admin: Connection, access: Any
) -> None:
    client.post(sender.goal_set("p-0"))
    with admin.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (access.name,))
    assert client.post(sender.goal_set("p-1")).outcomes == ["recorded"]


def test_the_same_batch_in_two_requests_at_once_takes_effect_once(
    new_door: Callable[..., HttpDoor], add_token: Callable[..., str], sender: Any, rows: Rows
) -> None:
    """In two processes, as it is where a client's first try is still under way."""
    events = [sender.goal_set(f"p-{n}") for n in range(200)]
    clients = [Client(new_door(), add_token()) for _ in range(3)]
    answers: list[Answered] = []
    threads = [threading.Thread(target=lambda c=c: answers.append(c.post(*events))) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status for answer in answers] == [200] * 3
    for place in range(200):
        assert sorted(a.outcomes[place] for a in answers) == ["duplicate", "duplicate", "recorded"]
        assert len({a.receipts[place]["events"][0]["sequence"] for a in answers}) == 1
    assert rows("select count(*), max(sequence) from event_store.event") == [(200, 200)]


def test_an_emission_by_both_doors_at_once_takes_effect_once(
    client: Client, sender: Any, recorder: Any, rows: Rows
) -> None:
    events = [sender.goal_set(f"p-{n}") for n in range(300)]
    by_amqp: list[str] = []

    def inbox() -> None:
        for start in range(0, 300, 30):
            by_amqp.extend(result.outcome for result in recorder.record(events[start : start + 30]))

    thread = threading.Thread(target=inbox)
    thread.start()
    by_http = client.post(*events).outcomes
    thread.join(60)
    assert [{a, b} for a, b in zip(by_amqp, by_http, strict=True)] == [{"recorded", "duplicate"}] * 300
    assert rows("select count(*), max(sequence) from event_store.event") == [(300, 300)]


def test_a_long_batch_gives_others_their_turn(client: Client, sender: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []
    monkeypatch.setattr(posted, "breathe", lambda: turns.append(1))
    client.post(*(sender.goal_set(f"p-{n}") for n in range(500)))
    assert len(turns) >= 10


def test_a_flood_of_refused_events_takes_no_more_room_than_it_took_on_its_way(
    client: Client, sender: Any, rows: Rows, keys: Keys
) -> None:
    events = [sender.goal_set(f"p-{n}", data={"domain": "x" * 200_000}).body for n in range(30)]
    packed = gzip.compress(b"[" + b",".join(events) + b"]")
    assert client.post_body(packed, Content_Encoding="gzip").outcomes == ["refused"] * 30
    kept = [bytes(payload) for (payload,) in rows("select payload from door.refusal order by number")]
    assert sum(map(len, kept)) < 2 * len(packed)
    assert [door.unseal_delivery(each, keys, door.REFUSAL_BINDING).body for each in kept] == events


def test_what_was_sealed_before_is_read_still(sender: Any, keys: Keys) -> None:
    event = sender.goal_set("p-1")
    for more in ([], [[None, "gzip"]]):
        header = orjson.dumps([event.user_id, event.routing_key, True, *more])
        sealed = sealing.seal(keys.door, header + b"\n" + event.body, door.REFUSAL_BINDING)
        assert door.unseal_delivery(sealed, keys, door.REFUSAL_BINDING).body == event.body
