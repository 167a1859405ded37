"""`GET /v1/receipts`: an emitter's receipts once more, each once and in order, and nothing of anybody else."""

from __future__ import annotations

import base64
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_client import Client
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_local.processes import wait_until
from miriam_platform import door, events_http, kept_receipts, logging
from miriam_platform.definition import ServiceDefinition
from miriam_platform.fairness import MOST_AT_ONCE
from miriam_platform.http_door import HttpDoor
from miriam_platform.keys import Keys

Rows = Callable[..., list[tuple[Any, ...]]]
# What a rebuilt receipt has anew: when it was said is told as when it was settled.
ANEW = ("time", "signature")


def said(receipts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in receipt.items() if name not in ANEW} for receipt in receipts]


@pytest.fixture
def other(client: Client, add_token: Callable[..., str]) -> Client:
    """`schaerbeek`, at the same door."""
    return replace(client, token=add_token("schaerbeek"))


def park(client: Client, sender: Any, participation: str) -> list[dict[str, Any]]:
    """Have an event and its follower parked; their receipts."""
    events = [sender.goal_set(participation, "g-poison"), sender.goal_set(participation)]
    for _ in range(5):
        answer = client.post(*events)
    assert answer.outcomes == ["parked", "parked"]
    return answer.receipts


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_each_comes_once_in_order_and_nothing_of_others(
    client: Client, other: Client, sender: Any, new_sender: Callable[[str], Any], limit: int
) -> None:
    elsewhere = new_sender("schaerbeek")
    expected: list[dict[str, Any]] = []
    for turn in range(3):
        expected += client.post(*(sender.goal_set(f"p-{turn}-{n}") for n in range(4))).receipts
        other.post(elsewhere.goal_set(f"p-{turn}"), elsewhere.goal_reached(f"p-{turn}-x"))
        expected += client.post(sender.goal_reached(f"p-{turn}-x")).receipts
    expected += park(client, sender, "p-9")
    park(other, elsewhere, "p-9")
    expected += client.post(sender.goal_set("p-10")).receipts
    found = client.all_receipts(limit)
    assert said(found) == said(expected)
    assert Counter(r["receipt"] for r in found) == {"recorded": 13, "refused": 3, "parked": 2}
    assert {r["emitter"] for r in found} == {"/cpas/anderlecht"}
    assert {r["emitter"] for r in other.all_receipts(limit)} == {"/cpas/schaerbeek"}


def test_a_rebuilt_receipt_is_signed_and_the_same_however_often_it_is_asked(
    client: Client, sender: Any, keys: Keys
) -> None:
    client.post(sender.goal_set("p-1"), sender.goal_reached("p-2"))
    found = client.receipts().receipts
    assert client.receipts().receipts == found
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(str(keys.receipt_public["x"]) + "=="))
    for receipt in found:
        signature = base64.b64decode(receipt.pop("signature"))
        public.verify(signature, canonical(receipt))


def test_a_cursor_stays_where_nothing_is_new_and_goes_on_where_it_stood(client: Client, sender: Any) -> None:
    empty = client.receipts()
    assert (empty.receipts, bool(empty.body["next"])) == ([], True)
    client.post(sender.goal_set("p-1"))
    first = client.receipts(empty.body["next"])
    assert len(first.receipts) == 1
    again = client.receipts(first.body["next"])
    assert (again.receipts, again.body["next"]) == ([], first.body["next"])
    client.post(sender.goal_reached("p-2"))
    assert [r["receipt"] for r in client.receipts(first.body["next"]).receipts] == ["refused"]


def test_a_fact_of_several_events_is_one_receipt(
    keys: Keys, definition: ServiceDefinition, client: Client, sender: Any, rows: Rows
) -> None:
    """Facts of several events stand next to each other; the page's end falls between facts, never within one."""
    decide = definition.domain.decide

    def doubled(state: Any, fact: Any) -> Any:
        decided = decide(state, fact)
        return decided * 3 if isinstance(decided, tuple) and fact.data.get("domain") == "housing" else decided

    at = client.door
    several = replace(definition, domain=replace(definition.domain, decide=doubled))
    at.recorder.recorder._definition = several
    first = client.post(*(sender.goal_set(f"p-{n}") for n in range(4)), sender.goal_reached("p-1")).receipts
    assert [len(r["events"]) for r in first] == [3, 3, 3, 3, 1]
    for limit in (1, 2, 1000):
        assert said(client.all_receipts(limit)) == said(first)
    assert said([client.receipt(first[1]["id"]).body]) == said([first[1]])


def test_refused_first_and_recorded_later_both_stand_in_the_list_and_the_newest_answers_for_it(
    client: Client, sender: Any, rows: Rows
) -> None:
    late = sender.goal_reached("p-1", id="late")
    refused = client.post(late).receipts
    assert client.receipt("late").body["problems"] == refused[0]["problems"]
    set_ = client.post(sender.goal_set("p-1")).receipts
    recorded = client.post(late).receipts
    assert said(client.all_receipts(2)) == said(refused + set_ + recorded)
    assert said([client.receipt("late").body]) == said(recorded)
    reused = client.post(sender.goal_set("p-7", id="late")).receipts
    assert [p["code"] for p in client.receipt("late").body["problems"]] == ["id_reused"]
    assert said(client.all_receipts(1000)) == said(refused + set_ + recorded + reused)


def test_the_problems_are_those_that_were_kept(client: Client, sender: Any, rows: Rows) -> None:
    bad = sender.goal_set(data={"domain": "yoga", "goal": "nobody"})
    [told] = client.post(bad).receipts
    assert len(told["problems"]) > 1
    assert client.receipts().receipts[0]["problems"] == told["problems"]
    rows("update door.refusal set problems = jsonb_set(problems, '{0,code}', '\"of_another_day\"')")
    [kept] = client.receipts().receipts
    assert (kept["problems"][0]["code"], kept["problems"][0]["title"]["fr"]) == ("of_another_day", "of_another_day")


def test_what_was_parked_and_recorded_later_is_told_as_recorded(
    client: Client, sender: Any, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRIAM_TEST_MENDED", str(tmp_path / "mended"))
    first, _ = park(client, sender, "p-1")
    assert client.receipt(first["id"]).body["receipt"] == "parked"
    (tmp_path / "mended").touch()
    rows("select door.ask_parked('anderlecht', 'anderlecht:p-1')")
    with client.door.database.transaction() as connection:
        asked = door.asked_parked(connection, 10)
    for position, _, sealed in asked:
        client.door.recorder.record([door.unseal_delivery(sealed, client.door.keys, door.PARKED_BINDING)])
        with client.door.database.transaction() as connection:
            door.settle_parked(connection, position, None)
    assert client.receipt(first["id"]).body["receipt"] == "recorded"
    assert [r["receipt"] for r in client.all_receipts(1)] == ["parked", "parked", "recorded", "recorded"]


def test_an_emptied_event_still_proves_its_leaf(client: Client, sender: Any, rows: Rows, admin: Connection) -> None:
    [told] = client.post(sender.goal_set("p-1")).receipts
    rows(
        "alter table event_store.event disable trigger all;"
        "update event_store.event set leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8')), body = null;"
        "alter table event_store.event enable trigger all; select 1"
    )
    assert said(client.receipts().receipts) == said([told])
    assert said([client.receipt(told["id"]).body]) == said([told])


def test_one_event_of_mine_is_found_and_none_of_anothers(
    client: Client, other: Client, sender: Any, new_sender: Callable[[str], Any]
) -> None:
    client.post(sender.goal_set(id="mine"), sender.goal_reached("p-7", id="wrong"))
    park(client, sender, "p-8")
    assert client.receipt("mine").body["events"][0]["sequence"] == 1
    for emitted_id in ("mine", "wrong", "e-1", "e-2", "nothing", "no id", "x" * 200):
        answer = other.receipt(emitted_id)
        assert (answer.status, answer.body["code"]) == (404, "not_found")
    other.post(new_sender("schaerbeek").goal_set(id="mine"))
    assert other.receipt("mine").body["emitter"] == "/cpas/schaerbeek"
    assert client.receipt("mine").body["events"][0]["sequence"] == 1


@pytest.mark.parametrize(
    ("after", "limit", "field"),
    [("nonsense", None, "after"), ("1.2", None, "after"), ("-1.0.0", None, "after"), ("\u0661.0.0", None, "after"),
     ("9" * 19 + ".0.0", None, "after"), ("", 0, "limit"), ("", 1001, "limit"), ("", "many", "limit")],
)  # fmt: skip
def test_an_argument_that_is_none_is_named(client: Client, after: str, limit: Any, field: str) -> None:
    answer = client.receipts(after, limit)
    assert (answer.status, answer.body["code"], answer.body["field"]) == (400, "bad_argument", field)
    assert answer.body["allowed"]


@pytest.mark.parametrize(("holder", "scope"), [("anderlecht", "emit"), ("anderlecht", "events"), ("cour", "receipts")])
def test_receipts_are_for_the_emitter_whose_token_is_made_for_them(
    client: Client, add_token: Callable[..., str], holder: str, scope: str
) -> None:
    wrong = replace(client, token=add_token(holder, scope))
    assert [wrong.receipts().status, wrong.receipt("x").status] == [403, 403]
    nobody = replace(client, token="nothing")
    assert [nobody.receipts().status, nobody.receipt("x").status] == [401, 401]


def test_what_is_parked_in_two_transactions_is_never_passed_over(
    client: Client, sender: Any, new_connection: Callable[[], Connection]
) -> None:
    """The one that parks second, however fast, is seen after the first."""

    def park_one(connection: Connection, emitted_id: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select door.park('anderlecht', 's', %s, %s, null, null, 'x', '', 5, 'x')",
                (emitted_id.encode(), emitted_id),
            )

    slow, fast = new_connection(), new_connection()
    park_one(slow, "first")

    def second() -> None:
        park_one(fast, "second")
        fast.commit()

    thread = threading.Thread(target=second)
    thread.start()
    time.sleep(0.3)
    before = client.receipts()
    assert before.receipts == []
    slow.commit()
    thread.join(10)
    assert [r["id"] for r in client.receipts(before.body["next"]).receipts] == ["first", "second"]


def test_asking_reads_no_table_from_end_to_end(client: Client, sender: Any, rows: Rows) -> None:
    client.post(sender.goal_set())
    plan = rows("set enable_seqscan = off; explain select * from event_store.facts_of('/cpas/anderlecht', 0, 500)")
    assert "event_origin" in str(plan)


@pytest.fixture
def auditor(client: Client, add_token: Callable[..., str]) -> Client:
    return replace(client, token=add_token("cour-des-comptes", "events"))


def test_events_by_number_are_for_auditors_and_not_for_emitters(
    client: Client, auditor: Client, sender: Any, rows: Rows, new_door: Callable[..., HttpDoor]
) -> None:
    client.post(sender.goal_set("p-1"), sender.goal_set("p-2"))
    answer = auditor.events()
    assert answer.status == 200
    assert [event["sequence"] for event in answer.body] == [1, 2]
    assert [event["sequence"] for event in auditor.events(after=1).body] == [2]
    refused = client.events()
    assert (refused.status, refused.body["code"], refused.body["allowed"]) == (403, "scope_missing", "events")
    assert replace(client, token="nothing").events().status == 401
    assert replace(client, token="a-token-between-services").events().status == 200
    assert [auditor.events(after="x").status, auditor.events(limit=1001).status] == [400, 400]
    rows("select door.revoke_token(%s)", auditor.token.split("_")[1])
    assert auditor.events().status == 401


def test_what_an_auditor_read_is_logged_under_his_name(
    client: Client, auditor: Client, sender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(sender.goal_set("p-1"), sender.goal_set("p-2"))
    with structlog.testing.capture_logs() as lines:
        monkeypatch.setattr(events_http, "log", structlog.get_logger())
        auditor.events(after=1)
        replace(client, token="a-token-between-services").events()
    assert lines == [{"event": "events read", "log_level": "info", "name": "cour-des-comptes", "after": 1, "count": 1}]
    assert set(lines[0]) - {"log_level"} <= logging.ALLOWED


def test_who_asks_for_many_receipts_at_once_leaves_room_for_others(
    client: Client, sender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(sender.goal_set("p-1", id="a"))
    goes_on = threading.Event()
    latest = kept_receipts.latest
    monkeypatch.setattr(kept_receipts, "latest", lambda *given: goes_on.wait(20) and latest(*given))

    def ask() -> int:
        # Turned away where the question below took the last place for a moment.
        while (status := client.receipt("a").status) == 429:
            time.sleep(0.05)
        return status

    with ThreadPoolExecutor(MOST_AT_ONCE) as asking:
        waiting = [asking.submit(ask) for _ in range(MOST_AT_ONCE)]
        try:
            assert wait_until(lambda: client.receipts().status == 429, 10)
            assert client.receipt("a").status == 429
        finally:
            goes_on.set()
        assert [each.result() for each in waiting] == [200] * MOST_AT_ONCE
