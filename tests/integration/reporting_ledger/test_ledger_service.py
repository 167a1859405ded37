"""Reporting as a process: from the broker's queues into the ledger, with the owners' own HTTP behind it."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import migrated
import pika
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES, SERVICES
from miriam_local.broker import Broker
from miriam_local.databases import DatabaseAccess
from miriam_local.processes import free_ports
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_platform.store import NewEvent, append

TOKEN = "a token of the services"
WOMAN = "anderlecht:p-1"


def wait_until(true: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def broker(rabbitmq: PrivateRabbitMQ, new_vhost: Callable[[], str]) -> Broker:
    broker = Broker(rabbitmq.api, new_vhost())
    broker.declare(dict.fromkeys(SERVICES, "secret"))
    return broker


@pytest.fixture
def url(rabbitmq: PrivateRabbitMQ, broker: Broker) -> Callable[[str], str]:
    return lambda service: rabbitmq.url(broker.vhost, f"service.{service}", "secret")


@pytest.fixture
def publish(url: Callable[[str], str]) -> Iterator[Callable[..., None]]:
    """Publish recorded events as their service's relay would."""
    with pika.BlockingConnection(pika.URLParameters(url("sessions"))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()

        def publish(*bodies: bytes, user_id: str | None = "service.sessions") -> None:
            properties = pika.BasicProperties("application/cloudevents+json", delivery_mode=2, user_id=user_id)
            for body in bodies:
                channel.basic_publish("miriam.events", "sessions.session.held", body, properties, mandatory=True)

        yield publish


class Process:
    """A process of a service under test: started, ended and killed by its own id."""

    def __init__(self, module: str, environment: dict[str, str], log: Path) -> None:
        self.environment, self._module, self._log = environment, module, log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", self._module, "serve"],
                env=os.environ | self.environment | {"MIRIAM_LOG_LEVEL": "debug"}, stderr=log, stdout=log,
            )  # fmt: skip
        try:
            wait_until(lambda: self.child.poll() is not None or self.answers())
            assert self.child.poll() is None
        except AssertionError:
            self.end(signal.SIGKILL)
            raise AssertionError(f"{self._module} does not answer: {self._log.read_text()}") from None

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://{self.environment['MIRIAM_HTTP_ADDRESS']}{path}", timeout=5) as answer:
            return json.load(answer)

    def answers(self) -> bool:
        try:
            return bool(self.get("/healthz"))
        except OSError:
            return False

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.child.poll() is None:
            self.child.send_signal(number)
            self.child.wait(15)


@contextmanager
def running(*arguments: Any) -> Iterator[Process]:
    process = Process(*arguments)
    try:
        yield process
    finally:
        process.end()


@pytest.fixture
def addresses() -> dict[str, str]:
    return {name: f"127.0.0.1:{port}" for name, port in zip(("reporting", "sessions"), free_ports(2), strict=True)}


@pytest.fixture
def reporting(
    access: DatabaseAccess, url: Callable[[str], str], addresses: dict[str, str], tmp_path: Path
) -> Iterator[Process]:
    environment = {
        "MIRIAM_DATABASE_URL": access.app_url, "MIRIAM_AMQP_URL": url("reporting"), "MIRIAM_SERVICE_TOKEN": TOKEN,
        "MIRIAM_HTTP_ADDRESS": addresses["reporting"], "MIRIAM_OWNER_URLS": f"sessions=http://{addresses['sessions']}",
    }  # fmt: skip
    with running("miriam_reporting", environment, tmp_path / "reporting.log") as process:
        yield process


@pytest.fixture
def sessions(
    new_database: Callable[..., DatabaseAccess], url: Callable[[str], str], addresses: dict[str, str], tmp_path: Path
) -> Callable[[list[bytes]], Any]:
    """The sessions service itself, with these events recorded: a context in which it runs."""

    def start(bodies: list[bytes]) -> Any:
        access = new_database("sessions", migrated.by(None))
        environment = {
            "MIRIAM_DATABASE_URL": access.app_url, "MIRIAM_AMQP_URL": url("sessions"), "MIRIAM_SERVICE_TOKEN": TOKEN,
            "MIRIAM_HTTP_ADDRESS": addresses["sessions"], "MIRIAM_KEYS_DIR": str(tmp_path / "keys"),
        }  # fmt: skip
        (tmp_path / "keys").mkdir(exist_ok=True)
        connection = psycopg2.connect(access.app_url)
        with connection:
            append(connection, [new_event(body) for body in bodies], dt.datetime.now(dt.UTC))
        connection.close()
        # Events that it did not record itself: it takes its database for one that was brought here, and so it is.
        for command in (["keys"], ["restore", "--without-ledger"]):
            subprocess.run(
                [sys.executable, "-m", "miriam_sessions", *command],
                env=os.environ | environment,
                check=True,
                capture_output=True,
            )
        return running("miriam_sessions", environment, tmp_path / "sessions.log")

    return start


def new_event(body: bytes) -> NewEvent:
    event, text = json.loads(body), body.decode()
    mark = f'"sequence":{event["sequence"]}'
    at = text.index(mark)
    head, tail = text[: at + len('"sequence":')], text[at + len(mark) :]
    number = event["sequence"]
    return NewEvent(
        event["id"],
        f"participation:{WOMAN}",
        number,
        event["type"],
        event["origin"],
        event["originid"],
        0,
        1,
        b"f",
        head,
        tail,
    )


def sequences(connection: Connection) -> list[int]:
    with connection, connection.cursor() as cursor:
        cursor.execute("select sequence from ledger.leaf where source = 'sessions' order by position")
        return [number for (number,) in cursor.fetchall()]


def held(recorder: Any, count: int) -> list[bytes]:
    for number in range(count):
        recorder.session(WOMAN, f"anderlecht:s-{number}")
    bodies: list[bytes] = recorder.bodies["sessions"]
    return bodies


def test_events_enter_once_and_in_sequence_whatever_the_broker_repeats(
    reporting: Process, publish: Callable[..., None], app: Connection, recorder: Any
) -> None:
    assert EVENT_TYPES["miriam.session.held.v1"].owner == "sessions"
    bodies = held(recorder, 30)
    publish(*bodies[:10], *bodies[5:20], bodies[0], *bodies[10:])
    wait_until(lambda: len(sequences(app)) == 30)
    assert sequences(app) == list(range(1, 31))
    head = reporting.get("/v1/ledger/head")
    assert (head["position"], head["sources"]["sessions"]["sequence"], head["projected"]) == (30, 30, 0)
    assert (head["alarms"], head["sources"]["sessions"]["open_gaps"]) == (0, 0)


def test_a_gap_is_noticed_waits_for_its_owner_and_is_filled_before_what_follows(
    reporting: Process, publish: Callable[..., None], app: Connection, recorder: Any, sessions: Any
) -> None:
    bodies = held(recorder, 8)
    publish(*bodies[:2], *bodies[4:7])
    wait_until(lambda: reporting.get("/v1/ledger/head")["sources"].get("sessions", {}).get("open_gaps") == 1)
    # Its owner is down: this source waits, and nothing is acknowledged.
    assert sequences(app) == [1, 2]
    with sessions(bodies):
        wait_until(lambda: len(sequences(app)) >= 7)
    assert sequences(app) == list(range(1, len(sequences(app)) + 1))
    with app, app.cursor() as cursor:
        cursor.execute("select source, first, last, filled_at >= noticed_at from ledger.gap")
        assert cursor.fetchall() == [("sessions", 3, 4, True)]
        cursor.execute("select body from ledger.leaf where sequence in (3, 4) order by sequence")
        assert [body.encode() for (body,) in cursor.fetchall()] == bodies[2:4]


def test_what_the_broker_never_brought_is_fetched_when_it_is_quiet(
    reporting: Process, app: Connection, recorder: Any, sessions: Any
) -> None:
    bodies = held(recorder, 3)
    with sessions(bodies):
        # At its start reporting looks once; the next look is half a minute off.
        reporting.end()
        reporting.start()
        wait_until(lambda: len(sequences(app)) == 3)


def test_a_killed_process_loses_nothing_and_doubles_nothing(
    reporting: Process, publish: Callable[..., None], app: Connection, recorder: Any
) -> None:
    bodies = held(recorder, 4000)
    publish(*bodies[:3000])
    wait_until(lambda: len(sequences(app)) > 500)
    reporting.end(signal.SIGKILL)
    publish(*bodies[3000:])
    reporting.start()
    wait_until(lambda: len(sequences(app)) >= 4000)
    assert sequences(app) == list(range(1, 4001))
    assert reporting.get("/v1/ledger/head")["alarms"] == 0


def test_what_cannot_be_a_leaf_is_kept_as_an_alarm_and_holds_nothing_up(
    reporting: Process, publish: Callable[..., None], app: Connection, recorder: Any
) -> None:
    one, two, three = held(recorder, 3)
    publish(one)
    publish(two, user_id=None)
    publish(b"no event", one.replace(b"/services/sessions", b"/services/groups"))
    publish(one.replace(b'"duration_minutes":60', b'"duration_minutes":6'), two, three)
    wait_until(lambda: len(sequences(app)) == 3)
    with app, app.cursor() as cursor:
        cursor.execute("select kind, detail, body from ledger.alarm order by id")
        assert [(kind, detail) for kind, detail, _ in cursor.fetchall()] == [
            ("sender", "none"), ("unreadable", "no JSON in UTF-8"), ("sender", "groups"), ("differs", ""),
        ]  # fmt: skip
