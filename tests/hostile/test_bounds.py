"""What one emitter can use up has a bound, and the others go on meanwhile."""

from __future__ import annotations

from contextlib import ExitStack

import pika
import pytest
from attacker import INBOX, Attacker
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker, NackError

from miriam_contracts.envelope import MAX_BYTES
from miriam_local.broker import Broker
from miriam_local.definitions import EMITTER_LIMITS
from miriam_local.emitters import Emitter
from miriam_local.rabbitmq import PrivateRabbitMQ


def test_connections_without_end_are_denied(short: Attacker, long: Attacker) -> None:
    address = pika.URLParameters(short.credentials["amqp_url"])
    with ExitStack() as stack:
        for _ in range(EMITTER_LIMITS["max-connections"]):
            stack.callback(pika.BlockingConnection(address).close)
        with pytest.raises(AMQPConnectionError):
            pika.BlockingConnection(address)
    long.records()
    short.records()


def test_a_message_beyond_any_use_is_denied_by_the_broker(short: Attacker, long: Attacker) -> None:
    with pytest.raises(ChannelClosedByBroker) as caught:
        short.publish(b"x" * (2 * 1024 * 1024), "cpas1.session.held")
    assert caught.value.reply_code == 406
    long.records()


def test_many_messages_that_are_too_large_are_each_refused_and_delay_nobody(short: Attacker, long: Attacker) -> None:
    many = 120
    with short.channel() as channel:
        for number in range(many):
            body = b'{"a":"' + str(number).encode() + b"x" * MAX_BYTES + b'"}'
            properties = pika.BasicProperties(user_id=short.user, delivery_mode=2)
            channel.basic_publish(INBOX, "cpas1.session.held", body, properties, mandatory=True)
    long.records()
    answers = short.answers(most=many)
    assert [answer["problems"][0]["code"] for answer in answers] == ["too_large"] * many


@pytest.mark.parametrize(
    ("policy", "bound", "key"),
    [("unroutable", "max-length", "full.no_such.thing"), ("inboxes", "max-length-bytes", "full.group.formed")],
)
def test_what_an_emitter_can_fill_has_a_bound(rabbitmq: PrivateRabbitMQ, policy: str, bound: str, key: str) -> None:
    """The bounds are policies: made small here, where nobody consumes, so that they are reached."""
    broker, full = Broker(rabbitmq.api, f"bounds-{policy}"), Emitter("full")
    broker.declare({"intake": "password"})
    broker.admit({full: "password"})
    held = rabbitmq.api.get("policies", broker.vhost, policy)
    assert held["definition"][bound] >= 10_000
    rabbitmq.api.put("policies", broker.vhost, policy, body={**held, "definition": {**held["definition"], bound: 3}})
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url(broker.vhost, full.user, "password")))
    channel = connection.channel()
    channel.confirm_delivery()

    def fill() -> None:
        for _ in range(500):
            channel.basic_publish(INBOX, key, b"{}", pika.BasicProperties(user_id=full.user), mandatory=True)

    with pytest.raises(NackError):
        fill()
    connection.close()
    rabbitmq.api.delete("vhosts", broker.vhost)


def test_a_flood_of_what_no_service_knows_delays_nobody(short: Attacker, long: Attacker) -> None:
    with short.channel() as channel:
        for number in range(300):
            properties = pika.BasicProperties(user_id=short.user, delivery_mode=2)
            channel.basic_publish(INBOX, "cpas1.no_such.thing", str(number).encode(), properties, mandatory=True)
    long.records("participation.enrolled")
    assert len(short.answers(most=300)) == 300
