"""The relay publishes each recorded event at least once, in the order of the numbers, through every outage."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pika
import pytest
from psycopg2.extensions import connection as Connection

from miriam_platform import store
from miriam_platform.relay import Relay
from miriam_platform.store import NewEvent

NOW = dt.datetime(2023, 10, 2, 8, 0, tzinfo=dt.UTC)
QUEUE = {"durable": True, "arguments": {"x-queue-type": "quorum"}}


class Ledger:
    """What a consumer of the service's events sees."""

    def __init__(self, url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self._connection.channel()
        self.channel.exchange_declare("miriam.events", "topic", durable=True)

    def bind(self, **changes: Any) -> None:
        arguments = {**QUEUE["arguments"], **changes}  # type: ignore[dict-item]
        self.channel.queue_declare("ledger", durable=True, arguments=arguments)
        self.channel.queue_bind("ledger", "miriam.events", "sessions.#")

    def receive(self, last: int, seconds: float = 20) -> list[int]:
        """The numbers as they came, up to the first `last`."""
        seen: list[int] = []
        end = time.monotonic() + seconds
        while (not seen or seen[-1] != last) and time.monotonic() < end:
            frame, properties, body = self.channel.basic_get("ledger", auto_ack=True)
            if frame is None:
                self._connection.sleep(0.02)
                continue
            assert properties.delivery_mode == 2
            assert frame.routing_key == "sessions.goal.set"
            seen.append(orjson.loads(body)["sequence"])
        return seen

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def url(rabbitmq: Any, new_vhost: Callable[[], str]) -> str:
    return str(rabbitmq.url(new_vhost()))


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    made = Ledger(url)
    yield made
    made.close()


@pytest.fixture
def start(access: Any, url: str) -> Iterator[Callable[[], Relay]]:
    running: list[tuple[Relay, threading.Thread]] = []

    def make() -> Relay:
        relay = Relay("sessions", access.app_url, url)
        thread = threading.Thread(target=relay.run)
        thread.start()
        running.append((relay, thread))
        return relay

    yield make
    for relay, _ in running:
        relay.stop()
    for _, thread in running:
        thread.join(10)
        assert not thread.is_alive()


def record(connection: Connection, count: int) -> None:
    """Record events, each on a stream of its own."""
    events = [
        NewEvent(str(uuid.uuid4()), uuid.uuid4().hex, 1, "miriam.goal.set.v1", "/cpas/a", uuid.uuid4().hex, 0, 1,
                 b"f", '{"sequence":', "}")
        for _ in range(count)
    ]  # fmt: skip
    with connection:
        store.append(connection, events, NOW)


def in_order_but_for_repetitions(seen: list[int]) -> bool:
    """Whether each number, at its first coming, is the one behind the highest before it."""
    highest = 0
    for number in seen:
        if number > highest + 1:
            return False
        highest = max(highest, number)
    return True


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_events_are_published_once_and_in_order_and_the_checkpoint_follows(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay], rows: Any
) -> None:
    ledger.bind()
    record(connection, 1200)
    start()
    assert ledger.receive(1200) == list(range(1, 1201))
    record(connection, 3)
    assert ledger.receive(1203) == [1201, 1202, 1203]
    assert eventually(lambda: rows("select sequence from relay.checkpoint") == [(1203,)])


def test_a_new_event_is_published_at_once_not_at_the_next_poll(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay]
) -> None:
    ledger.bind()
    record(connection, 1)
    start()
    ledger.receive(1)
    waits = []
    for number in range(2, 8):
        time.sleep(0.15)
        began = time.monotonic()
        record(connection, 1)
        ledger.receive(number)
        waits.append(time.monotonic() - began)
    assert sorted(waits)[3] < 0.25, "the median is well below the poll of a second"


def test_an_event_without_a_queue_is_returned_and_tried_again_before_any_later_one(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay], rows: Any
) -> None:
    record(connection, 5)
    start()
    time.sleep(0.5)
    assert rows("select sequence from relay.checkpoint") == [(0,)]
    ledger.bind()
    seen = ledger.receive(5)
    assert set(seen) == {1, 2, 3, 4, 5}
    assert in_order_but_for_repetitions(seen)


def test_events_that_a_full_queue_refuses_are_tried_again_from_the_first_refused_on(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay], rows: Any
) -> None:
    """Later events of the window may have come through: a consumer that takes the next number only misses none."""
    ledger.bind(**{"x-max-length": 10, "x-overflow": "reject-publish"})
    record(connection, 900)
    start()
    time.sleep(1)
    assert rows("select sequence < 900 from relay.checkpoint") == [(True,)], "the queue refused some"
    taken, end = 0, time.monotonic() + 30
    while taken < 900 and time.monotonic() < end:
        for number in ledger.receive(900, seconds=0.5):
            taken += number == taken + 1
    assert taken == 900


def test_a_standby_takes_over_when_the_leader_goes(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay]
) -> None:
    ledger.bind()
    leader = start()
    record(connection, 10)
    assert ledger.receive(10) == list(range(1, 11))
    start()
    leader.stop()
    record(connection, 10)
    assert in_order_but_for_repetitions([*range(1, 11), *ledger.receive(20)])


def test_only_one_of_two_relays_publishes(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay], rows: Any
) -> None:
    ledger.bind()
    start()
    start()
    record(connection, 500)
    assert ledger.receive(500) == list(range(1, 501))
    time.sleep(0.3)
    assert ledger.channel.basic_get("ledger") == (None, None, None)


def test_the_relay_comes_back_after_its_sessions_were_ended(
    connection: Connection, ledger: Ledger, start: Callable[[], Relay], admin: Connection, rabbitmq: Any
) -> None:
    ledger.bind()
    start()
    record(connection, 10)
    seen = ledger.receive(10)
    with admin.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sessions-relay'"
        )
    record(connection, 10)
    seen += ledger.receive(20)
    for broken in rabbitmq.api.get("connections"):
        if broken["client_properties"].get("connection_name") == "sessions-relay":
            rabbitmq.api.delete("connections", broken["name"])
    record(connection, 10)
    seen += ledger.receive(30)
    assert in_order_but_for_repetitions(seen)
    assert set(seen) == set(range(1, 31))
