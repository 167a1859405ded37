"""One CPAS that sends without end, and others that send one event and wait for its receipt."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import orjson
import pika
from attacker import INBOX, Attacker, renamed
from pika import BasicProperties

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import emitted
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_platform.amqp import Link, Unconfirmed

# What is on its way to the broker: more than a service takes in a batch, so that its inbox is never short of work.
WINDOW = 1000
# One message: its routing key and its bytes.
Shot = tuple[str, bytes]


class Flood:
    """Sends `many` messages as one emitter, as fast as the broker takes them; what a full inbox refuses goes again."""

    def __init__(self, flooder: Attacker, service: str, shots: Iterator[Shot], many: int) -> None:
        self.service = service
        self.flooder = flooder
        self.taken = 0
        self.nacked = 0
        self._shots = shots
        self._many = many
        self._stop = threading.Event()
        self._trouble: list[BaseException] = []
        self._kept = False
        self._thread = threading.Thread(target=self._run, name=f"flood of {flooder.id}", daemon=True)

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)
        if not self._kept:
            # Who floods today is measured tomorrow, and shall not wait behind what is left of its own flood.
            for queue in (f"{self.service}.inbox.{self.flooder.id}", f"cpas.receipts.{self.flooder.id}"):
                self._rabbitmq.api.delete("queues", "miriam", queue, "contents")
        if self._trouble:
            raise self._trouble[0]

    @property
    def _rabbitmq(self) -> PrivateRabbitMQ:
        broker = self.flooder.platform.deployment.private_rabbitmq
        assert broker is not None
        return broker

    @property
    def over(self) -> bool:
        """Whether all of it is with the broker. Raises what ended the flood."""
        if self._trouble:
            raise self._trouble[0]
        return self.taken >= self._many

    def keep_what_is_there(self) -> None:
        """Let what is left of the flood lie in the inbox at its end."""
        self._kept = True

    def waiting(self) -> int:
        """How many lie in its inbox now, given out or not, by the broker's own count at this moment."""
        with closing(pika.BlockingConnection(pika.URLParameters(self._rabbitmq.url("miriam")))) as connection:
            asked = connection.channel().queue_declare(f"{self.service}.inbox.{self.flooder.id}", passive=True)
            return int(asked.method.message_count)

    def _run(self) -> None:
        try:
            link = Link(self.flooder.credentials["amqp_url"], "flood").open()
            try:
                self._send(link)
            finally:
                link.close()
        except BaseException as trouble:
            self._trouble.append(trouble)

    def _send(self, link: Link) -> None:
        out = Unconfirmed(link)
        under_way: dict[str, Shot] = {}
        given = 0
        again: list[str] = []
        while not self._stop.is_set() and self.taken < self._many:
            while len(out) < WINDOW and (again or given < self._many):
                if again:
                    mark = again.pop()
                else:
                    mark, given = str(given), given + 1
                    under_way[mark] = next(self._shots)
                key, body = under_way[mark]
                properties = BasicProperties(
                    user_id=self.flooder.user, delivery_mode=2, content_type="application/cloudevents+json"
                )
                out.publish(INBOX, key, body, mark, properties)
            link.turn(0.05)
            if out.failed:
                # Full: as a sender without manners would, it tries all of them again at once, or nearly.
                self.nacked += len(out.failed)
                again += out.failed
                out.failed.clear()
                self._stop.wait(0.2)
            self.taken = given - len(out) - len(again)


class Single:
    """An emitter that sends one event and waits until it hears of it, over a connection that is open already."""

    def __init__(self, attacker: Attacker) -> None:
        self.attacker = attacker
        self._heard: list[dict[str, Any]] = []
        self._connection = pika.BlockingConnection(pika.URLParameters(attacker.credentials["amqp_url"]))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._channel.basic_consume(f"cpas.receipts.{attacker.id}", self._on_receipts, auto_ack=True)

    def seconds_until_recorded(self, event: dict[str, Any], patience: float) -> float:
        """How long it takes from the sending to the receipt that says `recorded`; `patience` where none comes."""
        key = f"{self.attacker.id}.{EVENT_TYPES[event['type']].routing_key}"
        properties = BasicProperties(
            user_id=self.attacker.user, delivery_mode=2, content_type="application/cloudevents+json"
        )
        began = time.monotonic()
        self._channel.basic_publish(INBOX, key, orjson.dumps(event), properties, mandatory=True)
        while time.monotonic() - began < patience:
            self._connection.process_data_events(0.01)
            for receipt in self._heard:
                if receipt["id"] == event["id"]:
                    assert receipt["receipt"] == "recorded", receipt["problems"]
                    return time.monotonic() - began
        return patience

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()

    def _on_receipts(self, _channel: Any, _method: Any, _properties: Any, body: bytes) -> None:
        self._heard += json.loads(body)


def repeated(make: Callable[[int], Shot]) -> Iterator[Shot]:
    """What `make` gives for 0, 1, 2 ..., for ever."""
    number = 0
    while True:
        yield make(number)
        number += 1


def text_of(attacker: Attacker, kind: str, number: int) -> str:
    """A fact of which every id has the number in it."""
    model = emitted(kind)
    model["data"].pop("personal", None)
    return json.dumps(renamed(model, attacker.id, number=number))


def good(kind: str) -> Callable[[Attacker, int], Shot]:
    """Facts that are recorded, each of a subject of its own."""
    routing = EVENT_TYPES[emitted(kind)["type"]].routing_key
    models: dict[str, str] = {}

    def make(attacker: Attacker, number: int) -> Shot:
        if attacker.id not in models:
            # Cut out once: making fifty thousand events anew would be slower than recording them.
            models[attacker.id] = text_of(attacker, kind, 777_777).replace('"id": "', '"id": "777777-', 1)
        return f"{attacker.id}.{routing}", models[attacker.id].replace("777777", f"{number}x").encode()

    return make
