"""What the broker denies: an emitter speaks for itself alone, and hears its own receipts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, NackError

from miriam_local.broker import Broker
from miriam_local.definitions import INBOX
from miriam_local.emitters import Emitter
from miriam_local.rabbitmq import PrivateRabbitMQ

SHORT, LONG, AUTHORITY = Emitter("cpas1"), Emitter("cpas12"), Emitter("pod-mi", "authority")
EMITTERS = {SHORT: "short", LONG: "long", AUTHORITY: "authority"}
SERVICES = {"intake": "i", "sessions": "s", "groups": "g", "reporting": "r"}

Open = Callable[[str, str], BlockingChannel]


@pytest.fixture(scope="module")
def broker(rabbitmq: PrivateRabbitMQ) -> Iterator[Broker]:
    broker = Broker(rabbitmq.api, "permissions")
    broker.declare(SERVICES)
    broker.admit(EMITTERS)
    yield broker
    rabbitmq.api.delete("vhosts", broker.vhost)


@pytest.fixture
def connect(rabbitmq: PrivateRabbitMQ, broker: Broker) -> Iterator[Open]:
    opened: list[pika.BlockingConnection] = []

    def connect(user: str, password: str) -> BlockingChannel:
        connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url(broker.vhost, user, password)))
        opened.append(connection)
        channel = connection.channel()
        channel.confirm_delivery()
        return channel

    yield connect
    for connection in opened:
        if connection.is_open:
            connection.close()


def publish(channel: BlockingChannel, key: str, user_id: str | None, exchange: str = INBOX) -> None:
    properties = pika.BasicProperties(delivery_mode=2, user_id=user_id, content_type="application/cloudevents+json")
    channel.basic_publish(exchange, key, b"{}", properties, mandatory=True)


def accepted(channel: BlockingChannel, key: str, user: str) -> bool:
    try:
        publish(channel, key, user)
    except NackError:
        return False
    return True


def held(broker: Broker, queue: str, connect: Open) -> int:
    channel = connect(broker.api.user, broker.api.password)
    return int(channel.queue_declare(queue, passive=True).method.message_count)


def refusal_of(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ChannelClosedByBroker) as caught:
        call()
    return caught.value.reply_code, caught.value.reply_text


def test_a_fact_reaches_the_owner_of_its_family_and_nobody_else(broker: Broker, connect: Open) -> None:
    publish(connect(LONG.user, "long"), "cpas12.session.held", LONG.user)
    assert held(broker, "sessions.inbox.cpas12", connect) == 1
    assert held(broker, "intake.inbox.cpas12", connect) == 0
    assert held(broker, "groups.inbox.cpas12", connect) == 0
    assert held(broker, "sessions.inbox.cpas1", connect) == 0


def test_an_emitter_cannot_publish_under_the_key_of_another(broker: Broker, connect: Open) -> None:
    code, reason = refusal_of(lambda: publish(connect(SHORT.user, "short"), "pod-mi.edition.opened", SHORT.user))
    assert (code, "topic" in reason) == (403, True)


@pytest.mark.parametrize(("emitter", "key"), [(SHORT, "cpas12.session.held"), (LONG, "cpas1.session.held")])
def test_an_id_that_begins_another_id_opens_no_door(connect: Open, emitter: Emitter, key: str, broker: Broker) -> None:
    assert refusal_of(lambda: publish(connect(emitter.user, EMITTERS[emitter]), key, emitter.user))[0] == 403


@pytest.mark.parametrize("key", ["cpas1.session", "cpas1.session.held.more", "cpas1", "x.cpas1.session.held"])
def test_a_key_that_is_not_emitter_family_fact_is_denied(connect: Open, key: str, broker: Broker) -> None:
    assert refusal_of(lambda: publish(connect(SHORT.user, "short"), key, SHORT.user))[0] == 403


def test_the_broker_does_not_take_another_users_name(connect: Open, broker: Broker) -> None:
    code, reason = refusal_of(lambda: publish(connect(SHORT.user, "short"), "cpas1.session.held", LONG.user))
    assert (code, "user_id" in reason) == (406, True)


def test_receipts_of_another_cannot_be_read(connect: Open, broker: Broker) -> None:
    assert refusal_of(lambda: connect(SHORT.user, "short").basic_get("cpas.receipts.cpas12"))[0] == 403
    method, _, _ = connect(SHORT.user, "short").basic_get("cpas.receipts.cpas1")
    assert method is None


@pytest.mark.parametrize("queue", ["sessions.inbox.cpas1", "intake.unroutable", "reporting.ledger.intake"])
def test_an_emitter_reads_no_queue_of_a_service(connect: Open, queue: str, broker: Broker) -> None:
    assert refusal_of(lambda: connect(SHORT.user, "short").basic_get(queue))[0] == 403


@pytest.mark.parametrize("exchange", ["cpas.receipts", "miriam.events", "cpas.unroutable", "", "amq.topic"])
def test_an_emitter_publishes_to_the_inbox_only(connect: Open, exchange: str, broker: Broker) -> None:
    assert refusal_of(lambda: publish(connect(SHORT.user, "short"), "cpas1", SHORT.user, exchange))[0] == 403


def test_an_emitter_makes_and_removes_nothing(connect: Open, broker: Broker) -> None:
    assert refusal_of(lambda: connect(SHORT.user, "short").queue_declare("mine", durable=True))[0] == 403
    assert refusal_of(lambda: connect(SHORT.user, "short").queue_delete("cpas.receipts.cpas1"))[0] == 403
    assert refusal_of(lambda: connect(SHORT.user, "short").exchange_delete(INBOX))[0] == 403


def test_a_family_that_no_service_owns_waits_for_its_refusal(broker: Broker, connect: Open) -> None:
    before = held(broker, "intake.unroutable", connect)
    publish(connect(SHORT.user, "short"), "cpas1.unheard_of.happened", SHORT.user)
    assert held(broker, "intake.unroutable", connect) == before + 1


def test_a_service_records_under_its_own_name_only(broker: Broker, connect: Open) -> None:
    publish(connect("service.intake", "i"), "intake.participation.enrolled", "service.intake", "miriam.events")
    assert held(broker, "reporting.ledger.intake", connect) == 1
    code, _ = refusal_of(
        lambda: publish(connect("service.intake", "i"), "groups.group.formed", "service.intake", "miriam.events")
    )
    assert code == 403


def test_a_service_reads_its_own_inboxes_only(broker: Broker, connect: Open) -> None:
    def consume(user: str, password: str, queue: str) -> str:
        return str(connect(user, password).basic_consume(queue, lambda *_: None))

    assert consume("service.intake", "i", "intake.inbox.cpas1")
    assert refusal_of(lambda: consume("service.intake", "i", "groups.inbox.cpas1"))[0] == 403
    assert refusal_of(lambda: consume("service.intake", "i", "cpas.receipts.cpas1"))[0] == 403
    assert refusal_of(lambda: consume("service.reporting", "r", "intake.inbox.cpas1"))[0] == 403
    assert consume("service.reporting", "r", "reporting.ledger.intake")


def test_a_service_can_confirm_the_topology_that_it_stands_on(broker: Broker, connect: Open) -> None:
    channel = connect("service.intake", "i")
    channel.exchange_declare(INBOX, "topic", durable=True, arguments={"alternate-exchange": "cpas.unroutable"})
    channel.exchange_declare("miriam.events", "topic", durable=True)
    channel.queue_declare("intake.unroutable", durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind("intake.unroutable", "cpas.unroutable")
    channel.queue_bind("intake.inbox.cpas1", INBOX, "cpas1.participation.*")


def test_a_full_inbox_refuses_and_loses_nothing(broker: Broker, connect: Open) -> None:
    full = Emitter("full")
    broker.admit({full: "full"})
    broker.api.put(
        "policies", broker.vhost, "tiny", body={"pattern": r"^groups\.inbox\.full$", "definition": {"max-length": 3}}
    )
    channel = connect(full.user, "full")
    taken = 0
    while taken < 200 and accepted(channel, "full.group.formed", full.user):
        taken += 1
    assert 3 <= taken < 200
    assert held(broker, "groups.inbox.full", connect) == taken


def test_provisioning_again_keeps_what_waits_and_changes_the_password(broker: Broker, connect: Open) -> None:
    again = Emitter("again")
    broker.admit({again: "first"})
    publish(connect(again.user, "first"), "again.session.held", again.user)
    broker.declare(SERVICES)
    broker.admit({again: "second"})
    publish(connect(again.user, "second"), "again.session.held", again.user)
    assert held(broker, "sessions.inbox.again", connect) == 2
