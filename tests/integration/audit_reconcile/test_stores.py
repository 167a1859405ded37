"""Each store beside the ledger, asked over HTTP as an auditor would: what agrees, what is on its way, what is not."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import psycopg2
import pytest

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_reporting.audit.reconcile import OwnStore, Reconciled, RemoteStore, reconcile
from miriam_reporting.audit.reconcile.stores import item
from miriam_reporting.ledger.owners import OwnerUnavailable

TOKEN = "services-token-of-this-test"
HOUR = dt.timedelta(hours=1)


def compare(platform: Any, source: str, patience: dt.timedelta = HOUR) -> Reconciled:
    connection = psycopg2.connect(platform.reporting.app_url)
    connection.autocommit = True
    try:
        own = source == "reporting"
        store = OwnStore(connection) if own else RemoteStore(source, platform.owner_urls(), TOKEN)
        return reconcile(connection, store, patience, dt.datetime.now(dt.UTC))
    finally:
        connection.close()


def tamper(platform: Any, service: str, statement: str) -> None:
    with platform.superuser(service) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def told(found: Reconciled) -> list[tuple[str, int | None, str]]:
    return [(each.check, each.sequence, each.what) for each in found.findings.kept]


def test_what_was_recorded_is_in_the_ledger(platform: Any) -> None:
    for source, count in (("sessions", 16), ("intake", 8), ("groups", 4), ("reporting", 1)):
        found = compare(platform, source)
        assert (found.store, found.ledger, found.same, found.lag, told(found)) == (count, count, count, 0, [])


def test_what_is_on_its_way_is_lag_until_it_is_late(platform: Any) -> None:
    platform.emit("sessions", "anderlecht", 3)
    found = compare(platform, "sessions")
    assert (found.store, found.ledger, found.lag, told(found)) == (19, 16, 3, [])
    late = compare(platform, "sessions", dt.timedelta(0))
    assert [check for check, _, _ in told(late)] == ["late"]
    platform.take()
    assert compare(platform, "sessions").same == 19


def test_pages_are_read_to_the_end(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miriam_reporting.audit.reconcile.run.PAGE", 5)
    monkeypatch.setattr("miriam_reporting.audit.reconcile.comparison._AT_ONCE", 2)
    found = compare(platform, "sessions")
    assert (found.same, told(found)) == (16, [])
    tamper(platform, "sessions", "delete from event_store.event where sequence in (2, 3, 5, 6, 7, 8, 9, 10, 11)")
    lost = [sequence for _, sequence, _ in told(compare(platform, "sessions"))]
    assert lost == [2, 3, 5, 6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("source", [*RECORDING_SERVICES, "reporting"])
def test_a_store_that_lost_everything(platform: Any, source: str) -> None:
    tamper(platform, source, "delete from event_store.event")
    found = compare(platform, source)
    assert {check for check, _, _ in told(found)} == {"store"}
    # Each event, and the counter that knows better.
    assert found.findings.total == found.ledger + 1


def test_a_number_far_away_leaves_a_hole_and_stops_nothing(platform: Any) -> None:
    tamper(platform, "groups", "update event_store.event set sequence = 900000000000 where sequence = 4")
    found = compare(platform, "groups")
    assert found.store == 900000000000
    assert ("order", 4, "it stands under another number") in told(found)
    assert ("store", 5, "numbers 5 to 900000000000 missing in the store and in the ledger") in told(found)


def test_a_body_that_claims_another_number_sends_nobody_past_the_rest(platform: Any) -> None:
    change = "update event_store.event set body = replace(body, '\"sequence\":{0},', '\"sequence\":{1},')"
    tamper(platform, "groups", change.format(4, 900000000000) + " where sequence = 4")
    found = compare(platform, "groups")
    assert ("order", 900000000000, "it stands under another number") in told(found)
    assert ("store", 4, "missing in the store") in told(found)
    tamper(platform, "groups", change.format(2, 1) + " where sequence = 2")
    assert ("order", 1, "it stands behind number 1 in the store") in told(compare(platform, "groups"))


def test_what_is_missing_in_both_is_told_as_a_range(platform: Any) -> None:
    tamper(platform, "sessions", "delete from event_store.event where sequence between 5 and 7")
    tamper(platform, "reporting", "delete from ledger.leaf where source = 'sessions' and sequence between 5 and 7")
    assert told(compare(platform, "sessions")) == [
        ("store", 5, "numbers 5 to 7 missing in the store and in the ledger")
    ]


def test_a_ledger_in_another_order_is_named(platform: Any) -> None:
    with platform.superuser("reporting") as connection, connection.cursor() as cursor:
        cursor.execute("select position from ledger.leaf where source = 'sessions' and sequence in (3, 4)")
        first, second = (position for (position,) in cursor.fetchall())
        # One takes a place far away, so that no place is held twice at any moment.
        for here, there in ((first, 1_000_000), (second, first), (1_000_000, second)):
            cursor.execute("update ledger.leaf set position = %s where position = %s", (there, here))
    assert [(check, sequence) for check, sequence, _ in told(compare(platform, "sessions"))] == [("order", 4)]


def test_a_retired_event_is_compared_by_its_hash() -> None:
    hash_ = "ab" * 32
    body = b'{"sequence":3,"id":"5f0c","retired":true,"leaf":"' + hash_.encode() + b'"}'
    assert item(body).leaf.hex() == hash_
    assert (item(body).sequence, item(body).retired) == (3, True)
    assert item(b'{"sequence":3,"id":"5f0c","retired":true,"leaf":"x"}').leaf == b""
    # An event cannot pass for a retired one by saying so.
    assert not item(b'{"specversion":"1.0","retired":true,"leaf":"' + hash_.encode() + b'"}').retired


def test_a_platform_that_goes_on_meanwhile_raises_no_false_alarm(platform: Any) -> None:
    done = threading.Event()
    trouble: list[Exception] = []

    def go_on() -> None:
        try:
            while not done.is_set():
                platform.emit("sessions", "anderlecht", 5)
                platform.take()
        except Exception as problem:
            trouble.append(problem)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        found = [compare(platform, "sessions") for _ in range(25)]
    finally:
        done.set()
        thread.join(30)
    assert trouble == []
    assert [told(each) for each in found] == [[]] * 25
    assert found[-1].same > found[0].same


EMPTY = "update event_store.event set body = null, leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8'))"


def test_an_event_emptied_in_its_store_agrees_where_the_ledger_emptied_it_too(platform: Any) -> None:
    tamper(platform, "sessions", f"{EMPTY} where sequence = 5")
    assert told(compare(platform, "sessions")) == [("store", 5, "emptied in the store, and its edition is not retired")]
    tamper(platform, "reporting", "update ledger.leaf set body = null, data = null"
           " where source = 'sessions' and sequence = 5")  # fmt: skip
    found = compare(platform, "sessions")
    # That the ledger may have emptied it is for `audit verify` to say.
    assert (found.same, found.retired, told(found)) == (16, 1, [])
    tamper(platform, "sessions", "update event_store.event set leaf = sha256('x') where sequence = 5")
    assert told(compare(platform, "sessions")) == [("differs", 5, "its body differs from the leaf")]


def test_a_store_that_does_not_answer_is_no_difference(platform: Any) -> None:
    connection = psycopg2.connect(platform.reporting.app_url)
    try:
        for urls, token in (({"intake": "http://127.0.0.1:1"}, TOKEN), (platform.owner_urls(), "another"), ({}, TOKEN)):
            with pytest.raises(OwnerUnavailable, match=r"^intake: "):
                reconcile(connection, RemoteStore("intake", urls, token), HOUR, dt.datetime.now(dt.UTC))
    finally:
        connection.close()
