"""Consuming: what is acknowledged is gone, what is not comes again, and no queue starves another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest

from miriam_platform.amqp import Link, Lost, Unconfirmed, persistent
from miriam_platform.consumer import Consumer

QUORUM = {"x-queue-type": "quorum"}


@pytest.fixture
def url(rabbitmq: Any, new_vhost: Callable[[], str]) -> str:
    return str(rabbitmq.url(new_vhost()))


@pytest.fixture
def channel(url: str) -> Iterator[Any]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for queue in ("one", "two"):
        channel.queue_declare(queue, durable=True, arguments=QUORUM)
    channel.confirm_delivery()
    yield channel
    connection.close()


@pytest.fixture
def open_link(url: str) -> Iterator[Callable[[], Link]]:
    opened: list[Link] = []

    def make() -> Link:
        opened.append(Link(url, "test").open())
        return opened[-1]

    yield make
    for link in opened:
        link.close()


def gathered(consumer: Consumer, count: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(100):
        found += consumer.gather(500, 0.1)
        if len(found) >= count:
            break
    return found


def gathered_by(consumer: Consumer, most: int, count: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(100):
        found += consumer.gather(most, 0.1)
        if len(found) >= count:
            break
    return found


def test_what_was_not_acknowledged_comes_again_and_nothing_else(channel: Any, open_link: Callable[[], Link]) -> None:
    for number in range(10):
        channel.basic_publish("", "one", str(number).encode())
    link = open_link()
    consumer = Consumer(link, 100)
    assert consumer.subscribe("one")
    messages = gathered(consumer, 10)
    assert [m.body for m in messages] == [str(n).encode() for n in range(10)]
    # A gap at the front, one in the middle: acknowledging several at once must not take them along.
    consumer.acknowledge(m for m in messages if m.body not in (b"0", b"5"))
    link.close()
    again = Consumer(open_link(), 100)
    again.subscribe("one")
    left = gathered(again, 2)
    assert sorted(m.body for m in left) == [b"0", b"5"]
    assert all(m.redelivered for m in left)


def test_a_queue_that_floods_takes_no_more_than_its_window(channel: Any, open_link: Callable[[], Link]) -> None:
    for _ in range(50):
        channel.basic_publish("", "one", b"flood")
    channel.basic_publish("", "two", b"other")
    consumer = Consumer(open_link(), 10)
    consumer.subscribe("one")
    consumer.subscribe("two")
    messages = gathered(consumer, 11)
    assert [m.queue for m in messages].count("one") == 10
    assert [m.queue for m in messages].count("two") == 1


def test_what_comes_alone_is_in_the_next_batch_however_much_lies_before_it(
    channel: Any, open_link: Callable[[], Link]
) -> None:
    for number in range(50):
        channel.basic_publish("", "one", str(number).encode())
    link = open_link()
    consumer = Consumer(link, 100)
    consumer.subscribe("one")
    # The batch is small and the window large: most of the flood waits here, in the process.
    first = gathered_by(consumer, 5, 5)
    consumer.subscribe("two")
    for number in range(2):
        channel.basic_publish("", "two", b"alone %d" % number)
    link.until(lambda: len(consumer._arrived.get("two", ())) == 2, 20)
    flood = [m.body for m in first]
    order = [m.body for m in gathered_by(consumer, 5, 52 - len(first))]
    assert [body for body in order if body.startswith(b"alone")] == [b"alone 0", b"alone 1"]
    assert order.index(b"alone 1") < 30
    assert flood + [body for body in order if not body.startswith(b"alone")] == [str(n).encode() for n in range(50)]


def test_a_missing_queue_is_told_and_harms_no_other(channel: Any, open_link: Callable[[], Link]) -> None:
    consumer = Consumer(open_link(), 10)
    assert not consumer.subscribe("missing")
    assert consumer.subscribe("one")
    channel.basic_publish("", "one", b"x")
    assert [m.body for m in gathered(consumer, 1)] == [b"x"]


def test_a_queue_that_is_deleted_is_no_longer_counted_as_consumed(channel: Any, open_link: Callable[[], Link]) -> None:
    consumer = Consumer(open_link(), 10)
    consumer.subscribe("one")
    consumer.subscribe("two")
    channel.queue_delete("one")
    gathered(consumer, 1)
    assert consumer.queues == {"two"}


def test_confirms_and_returns_are_told_apart(channel: Any, open_link: Callable[[], Link]) -> None:
    link = open_link()
    out = Unconfirmed(link)
    properties = persistent(link.user, "text/plain")
    out.publish("", "one", b"taken", "first", properties, mandatory=True)
    out.publish("", "nowhere", b"returned", "second", properties, mandatory=True)
    out.publish("", "two", b"taken", "third", properties, mandatory=True)
    link.until(lambda: not len(out), 10)
    assert out.failed == {"second"}


def test_a_message_in_anothers_name_loses_the_link(open_link: Callable[[], Link], channel: Any) -> None:
    """The broker vouches for user_id: it closes the channel of who claims another's."""
    link = open_link()
    out = Unconfirmed(link)
    out.publish("", "one", b"x", "first", persistent("cpas.anderlecht", "text/plain"))
    with pytest.raises(Lost, match="user_id"):
        link.until(lambda: not len(out), 10)


def test_a_broker_that_is_not_there_is_lost_at_once() -> None:
    with pytest.raises(Lost):
        Link("amqp://guest:guest@127.0.0.1:1/", "test").open()
