"""What one emitter can use up has a bound, and the others go on meanwhile."""

from __future__ import annotations

from contextlib import ExitStack

import pika
import pytest
from attacker import INBOX, Attacker
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker
from running_platform import RunningPlatform

from miriam_contracts.envelope import MAX_BYTES
from miriam_local.definitions import EMITTER_LIMITS


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


def test_every_queue_that_an_emitter_can_fill_has_a_bound(platform: RunningPlatform) -> None:
    private = platform.deployment.private_rabbitmq
    assert private is not None
    queues = private.api.get("queues", "miriam")
    filled = [q for q in queues if ".inbox." in q["name"] or q["name"] == "intake.unroutable"]
    assert len(filled) > 12
    for queue in filled:
        policy = (queue.get("effective_policy_definition") or {}) | {
            name.removeprefix("x-"): value for name, value in queue["arguments"].items()
        }
        assert policy["overflow"] == "reject-publish", queue["name"]
        assert policy["max-length"] == 10_000, queue["name"]
        if ".inbox." in queue["name"]:
            assert policy["max-length-bytes"] == 256 * 1024 * 1024


def test_a_flood_of_what_no_service_knows_delays_nobody(short: Attacker, long: Attacker) -> None:
    with short.channel() as channel:
        for number in range(300):
            properties = pika.BasicProperties(user_id=short.user, delivery_mode=2)
            channel.basic_publish(INBOX, "cpas1.no_such.thing", str(number).encode(), properties, mandatory=True)
    long.records("participation.enrolled")
    assert len(short.answers(most=300)) == 300
