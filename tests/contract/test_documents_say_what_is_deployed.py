"""What the documents say of the broker is what is deployed, and our own emitter does as they tell a maker to."""

import re
from typing import Any

import pytest
from pika.adapters.select_connection import IOLoop

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents import asyncapi, bounds
from miriam_emitter import link
from miriam_emitter.settings import Settings
from miriam_local import definitions
from miriam_local.emitters import Emitter
from miriam_platform import inbox, receipts

DOCUMENT = asyncapi.document()
OF_ANDERLECHT = definitions.for_emitter("miriam", Emitter("anderlecht"), "secret", (3,))
SENDING = {name: each for name, each in DOCUMENT["operations"].items() if each["action"] == "send"}


def resolved(reference: dict[str, str]) -> Any:
    found: Any = DOCUMENT
    for step in reference["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_bounds_of_the_documents_are_those_of_the_broker() -> None:
    assert bounds.INBOX_LENGTH == definitions.INBOX_LENGTH
    assert bounds.INBOX_BYTES == definitions.INBOX_BYTES
    assert bounds.RECEIPTS_LENGTH == definitions.RECEIPTS_LENGTH
    assert bounds.RECEIPTS_PER_MESSAGE == receipts.MOST_PER_MESSAGE
    limits = {"max-connections": bounds.MOST_CONNECTIONS, "max-channels": bounds.MOST_CHANNELS}
    assert limits == definitions.EMITTER_LIMITS


def test_each_type_that_emitters_send_has_an_operation_and_no_other_has() -> None:
    assert set(SENDING) == {f"send.{name}" for name, each in EVENT_TYPES.items() if each.emitted_by}


@pytest.mark.parametrize("operation", SENDING)
def test_the_broker_takes_what_is_sent_by_an_operation_to_the_service_that_is_named(operation: str) -> None:
    found = SENDING[operation]
    channel = resolved(found["channel"])
    exchange = channel["bindings"]["amqp"]["exchange"]["name"]
    key = channel["address"].replace("{emitter}", "anderlecht")
    owner = EVENT_TYPES[operation.removeprefix("send.")].owner
    assert f"Recorded by {owner}." in channel["description"]
    bound = [
        each["destination"]
        for each in OF_ANDERLECHT["bindings"]
        if each["source"] == exchange
        and re.fullmatch(each["routing_key"].replace(".", r"\.").replace("*", r"\w+"), key)
    ]
    assert bound == [f"{owner}.inbox.anderlecht"]
    (permission,) = OF_ANDERLECHT["topic_permissions"]
    assert permission["exchange"] == exchange
    assert re.search(permission["write"], key)
    assert [resolved(each) for each in found["messages"]] == [{"$ref": f"#/components/messages/{operation[5:]}"}]


def test_the_receipts_come_by_the_queue_that_is_named() -> None:
    channel = resolved(DOCUMENT["operations"]["receive.receipts"]["channel"])
    name = channel["bindings"]["amqp"]["queue"]["name"].replace("{emitter}", "anderlecht")
    assert name == channel["address"].replace("{emitter}", "anderlecht")
    bound = [each for each in OF_ANDERLECHT["bindings"] if each["destination"] == name]
    assert [(each["source"], each["routing_key"]) for each in bound] == [(inbox.RECEIPTS, "anderlecht")]
    (permission,) = OF_ANDERLECHT["permissions"]
    assert re.search(permission["read"], name)


def test_our_own_emitter_sends_as_the_documents_say(tmp_path: Any) -> None:
    settings = Settings("anderlecht", "cpas", "amqp://cpas.anderlecht:x@127.0.0.1/miriam", tmp_path, tmp_path / "spool")
    made = link.Link(IOLoop(), settings, None, print)  # type: ignore[arg-type]
    binding = SENDING["send.miriam.session.held.v2"]["bindings"]["amqp"]
    properties = made._properties
    assert properties.delivery_mode == binding["deliveryMode"]
    assert properties.user_id == binding["userId"].replace("{emitter}", "anderlecht")
    message = DOCUMENT["components"]["messages"]["miriam.session.held.v2"]
    assert properties.content_type == message["contentType"]
    assert link.EXCHANGE == asyncapi.INBOX
