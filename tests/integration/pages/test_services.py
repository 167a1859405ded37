"""Services and lags for operators: who answers, what is on its way, what is wrong; and no data of anybody."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pika
import psycopg2
import pytest
from pages_scenario import Pages, Reader, make_link, settings_of
from small_platform import TOKEN, SmallPlatform, small_platform

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_reporting.web.app import create_app
from miriam_reporting.web.parts.arrivals.part import registered


@pytest.fixture
def platform(
    tmp_path: Path, new_database: Callable[..., DatabaseAccess], postgres: PrivatePostgres
) -> Iterator[SmallPlatform]:
    """Services that answer over HTTP: 3 sessions are in the ledger, and 2 on their way."""
    with small_platform(tmp_path, new_database, postgres.url) as made:
        made.emit("sessions", "anderlecht", 3)
        made.take()
        made.sign()
        made.emit("sessions", "anderlecht", 2)
        yield made


def _operator(platform: SmallPlatform, **changed: Any) -> Reader:
    settings = settings_of(platform.reporting, platform.log_keys.folder)
    told = dataclasses.replace(settings, **{"owners": platform.owner_urls(), "token": TOKEN, **changed})
    reader = Reader(create_app(told).test_client())
    with closing(psycopg2.connect(platform.reporting.owner_url)) as owner:
        reader.sign_in(make_link(owner, "operator"))
    return reader


def _tables(reader: Reader) -> dict[str, list[dict[str, Any]]]:
    told = json.loads(reader.get("/services?format=json").data)
    return {table["code"]: table["rows"] for table in told["tables"]}


def test_each_service_is_asked_and_what_is_on_its_way_is_counted(platform: SmallPlatform) -> None:
    rows = {row["service"]: row for row in _tables(_operator(platform))["services"]}
    assert set(rows) == {"intake", "sessions", "groups"}
    assert {row["state"] for row in rows.values()} == {"yes"}
    sessions = rows["sessions"]
    assert (sessions["recorded"], sessions["ledger"], sessions["behind"]) == (5, 3, 2)
    assert rows["groups"]["behind"] == 0


def test_what_is_behind_the_ledger_is_told(platform: SmallPlatform) -> None:
    rows = {row["what"]: row for row in _tables(_operator(platform))["reporting"]}
    assert (rows["Ledger"]["position"], rows["Facts"]["behind"], rows["Checkpoint"]["behind"]) == (3, 3, 0)
    assert rows["Checkpoint cosigned by a witness"]["behind"] == 3


def test_a_service_that_does_not_answer_is_named_with_what_to_do(platform: SmallPlatform) -> None:
    away = {**platform.owner_urls(), "groups": "http://127.0.0.1:9"}
    reader = _operator(platform, owners=away)
    page = reader.get("/services").get_data(as_text=True)
    assert "groups does not answer as it should: look at its log" in page
    assert {row["service"]: row["state"] for row in _tables(reader)["services"]}[
        "groups"
    ] == "no answer within a second"


def test_gaps_and_alarms_are_told_without_what_came(platform: SmallPlatform) -> None:
    with platform.database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("select ledger.notice_gap('sessions', 4, 7)")
        cursor.execute(
            "select ledger.raise_alarm('differs', 'sessions', 2, %s, 'the secret detail')", (b"secret body",)
        )
    reader = _operator(platform)
    page = reader.get("/services").get_data(as_text=True)
    tables = _tables(reader)
    assert [(row["source"], row["first"], row["last"]) for row in tables["gaps"]] == [("sessions", 4, 7)]
    assert [(row["source"], row["sequence"]) for row in tables["alarms"]] == [("sessions", 2)]
    assert "secret" not in page
    assert "Find out what before anything is published." in page


def test_what_waits_on_the_broker_is_told_by_kind_of_queue(
    pages: Pages, rabbitmq: PrivateRabbitMQ, new_vhost: Callable[[], str]
) -> None:
    url = rabbitmq.url(new_vhost())
    with pages.office.app:
        known = registered(pages.office.app)
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        for cpas, messages in zip(known, (2, 5), strict=False):
            channel.queue_declare(f"sessions.inbox.{cpas}", durable=True)
            for number in range(messages):
                channel.basic_publish("", f"sessions.inbox.{cpas}", str(number).encode())
        channel.queue_declare("reporting.ledger.groups", durable=True)
    told = dataclasses.replace(pages.app.extensions["miriam.settings"], broker=url)
    reader = Reader(create_app(told).test_client())
    reader.sign_in(make_link(pages.office.owner, "operator"))
    rows = {row["what"]: row for row in _tables(reader)["queues"]}
    inbox = rows["Sent by CPAS, not yet taken by sessions"]
    assert (inbox["queues"], inbox["messages"], inbox["fullest"]) == (2, 7, f"sessions.inbox.{known[1]}")
    ledger = rows["Recorded by groups, not yet in the ledger"]
    assert (ledger["queues"], ledger["messages"], ledger["fullest"]) == (1, 0, None)
    assert rows["Sent by CPAS, not yet taken by intake"]["queues"] == 0


def test_a_broker_that_does_not_answer_is_told_as_an_alarm(platform: SmallPlatform) -> None:
    reader = _operator(platform, broker="amqp://nobody:nothing@127.0.0.1:9/miriam")
    assert "The broker does not answer" in reader.get("/services").get_data(as_text=True)
    assert "queues" not in _tables(reader)


def test_all_is_well_is_said_only_where_it_is(platform: SmallPlatform) -> None:
    assert "All is well." in _operator(platform).get("/services").get_data(as_text=True)
    assert "All is well." not in _operator(platform, owners={}).get("/services").get_data(as_text=True)
