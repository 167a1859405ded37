"""What the AMQP door must do with what no maker should send, and what the broker itself must not let through."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from miriam_conformance.door import NAMELESS, DoorSays
from miriam_conformance.maker import Event, Maker
from miriam_conformance.verdict import Verdict
from miriam_contracts.envelope import CONTENT_TYPE
from miriam_emitter.errors import Unreachable
from miriam_emitter.link import EXCHANGE, connection_parameters
from miriam_emitter.settings import Settings

_PATIENCE = 20.0


def amqp_checks(maker: Maker, settings: Settings, door: DoorSays) -> Iterator[Verdict]:
    """Publish each; compare what the door says of it, or whether the broker closed the channel. Raises Unreachable."""
    for code, title, event, changes in _published(maker):
        _publish(settings, event, **changes)
        # Of a message that nobody vouches for, the door believes nothing, its id neither.
        answered_to = NAMELESS if code == "sender_unknown" else event["id"]
        yield Verdict("door", f"amqp_{code}", title, list(_answered(door, answered_to, code)))
    for code, title, act in _forbidden(maker, settings):
        yield Verdict("door", f"amqp_{code}", title, [] if _is_closed(act) else ["the broker let it through"])


def _published(maker: Maker) -> Iterator[tuple[str, str, Event, dict[str, Any]]]:
    good = _goal(maker, "amqp-one")
    yield "recorded", "An event over AMQP is recorded", good, {}
    yield "sender_unknown", "Refused: a message without user_id", _goal(maker, "amqp-nobody"), {"user_id": None}
    open_block = _goal(maker, "amqp-open")
    open_block["data"]["personal"] = {"text": "a note"}
    yield "personal_in_clear", "Refused: a personal block that is not sealed", open_block, {}
    unknown = {**_goal(maker, "amqp-type"), "type": "miriam.dream.had.v1"}
    yield "unknown_type", "Refused: a type that nobody takes", unknown, {"routing_key": f"{maker.cpas}.dream.had"}
    other = {"routing_key": f"{maker.cpas}.goal.reached"}
    yield "routing_key_differs", "Refused: a routing key that is not the type's", _goal(maker, "amqp-key"), other


def _forbidden(maker: Maker, settings: Settings) -> Iterator[tuple[str, str, Callable[[], object]]]:
    event = _goal(maker, "amqp-forbidden")
    yield (
        "another_key",
        "The broker closes the channel of who writes under another's key",
        lambda: _publish(settings, event, routing_key="test-somebody.goal.set"),
    )
    yield (
        "another_user",
        "The broker closes the channel of who names another user",
        lambda: _publish(settings, event, user_id="cpas.test-somebody"),
    )
    yield (
        "another_queue",
        "The broker shows nobody another's receipts",
        lambda: _with_channel(settings, lambda channel: channel.basic_get("cpas.receipts.test-somebody")),
    )


def _answered(door: DoorSays, id_: str, code: str) -> Iterator[str]:
    end = time.monotonic() + _PATIENCE
    while not door.count([id_]) and time.monotonic() < end:
        time.sleep(0.1)
        door.refresh()
    found = door.of([id_])[id_]
    codes = [each["problems"][0]["code"] if each["receipt"] == "refused" else each["receipt"] for each in found]
    if codes != [code]:
        yield f"answered {', '.join(codes) or 'nothing'}, must be {code}"


def _publish(settings: Settings, event: Event, **changes: Any) -> None:
    _, family, fact, _ = event["type"].split(".")
    key = changes.get("routing_key", f"{settings.id}.{family}.{fact}")
    user = changes.get("user_id", settings.user)
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, user_id=user)
    body = json.dumps(event).encode()
    _with_channel(settings, lambda channel: channel.basic_publish(EXCHANGE, key, body, properties, mandatory=True))


def _with_channel(settings: Settings, act: Callable[[BlockingChannel], object]) -> None:
    try:
        connection = pika.BlockingConnection(connection_parameters(settings))
    except (AMQPError, OSError) as problem:
        raise Unreachable(f"the broker does not answer ({type(problem).__name__})", "see `miriam status`") from None
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        act(channel)
    finally:
        if connection.is_open:
            connection.close()


def _is_closed(act: Callable[[], object]) -> bool:
    try:
        act()
    except AMQPError:
        return True
    return False


def _goal(maker: Maker, name: str) -> Event:
    return maker.goal("set", name, f"p-{name}", f"g-{name}", occurred_on="2024-02-01", domain="training")
