"""Somebody who holds one emitter's password and means harm: any bytes, under any properties, straight to the broker."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
import pika
from joserfc import jwe
from joserfc.jwk import ECKey
from pika.adapters.blocking_connection import BlockingChannel
from running_platform import RunningPlatform

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import emitted
from miriam_platform import door
from miriam_platform import keys as key_files

INBOX = "cpas.inbox"
SECONDS = 30.0
_numbers = itertools.count(1)
_JWE = {"alg": "ECDH-ES", "enc": "A256GCM"}


NAMES = ("p-014", "grp-1", "s-31", "g-31", "gs-9", "prj-anderlecht-1", "con-brussels-2", "2023-2024", "galmaarden")


def renamed(event: dict[str, Any], emitter: str, kind: str = "cpas", number: int | str = 0) -> dict[str, Any]:
    """A golden example as another emitter would have sent it, what it is about renamed after a number of its own."""
    own = next(_numbers)
    text = json.dumps(event).replace("anderlecht:", f"{emitter}:").replace("/cpas/anderlecht", f"/{kind}/{emitter}")
    for name in NAMES:
        text = text.replace(f'{name}"', f'{name}-{number or own}"')
    again: dict[str, Any] = json.loads(text)
    again["id"] = f"{emitter}-{own}"
    return again


@dataclass
class Attacker:
    """One emitter's credentials. `publish` sends anything; `answer` reads the next receipt that came for it."""

    platform: RunningPlatform
    id: str
    kind: str = "cpas"
    _unread: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def credentials(self) -> dict[str, Any]:
        """What `miriam cpas add` wrote for it."""
        found: dict[str, Any] = json.loads((self.platform.places.emitters / f"{self.id}.json").read_text("utf-8"))
        return found

    @property
    def user(self) -> str:
        """Its user on the broker."""
        return f"{self.kind}.{self.id}"

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel of its own, in confirm mode: what the broker denies closes it."""
        connection = pika.BlockingConnection(pika.URLParameters(self.credentials["amqp_url"]))
        try:
            opened = connection.channel()
            opened.confirm_delivery()
            yield opened
        finally:
            if connection.is_open:
                connection.close()

    def event(self, kind: str, example: str = "typical", **data: Any) -> dict[str, Any]:
        """A golden example as this emitter would send it, `data` changed."""
        model = emitted(kind, example)
        model["data"].pop("personal", None)
        event = renamed(model, self.id, self.kind) if self.kind == "cpas" else {**model, "id": f"n-{next(_numbers)}"}
        event["data"].update(data)
        return event

    def publish(self, event: dict[str, Any] | bytes, key: str = "", **properties: Any) -> bytes:
        """Send an event or bare bytes under a routing key (else the event's own); the bytes that were sent."""
        body = event if isinstance(event, bytes) else orjson.dumps(event)
        if not key and isinstance(event, dict):
            key = f"{self.id}.{EVENT_TYPES[event['type']].routing_key}"
        given = {"user_id": self.user, "delivery_mode": 2, "content_type": "application/cloudevents+json"} | properties
        with self.channel() as channel:
            channel.basic_publish(INBOX, key, body, pika.BasicProperties(**given), mandatory=True)
        return body

    def answers(self, seconds: float = SECONDS, most: int = 1) -> list[dict[str, Any]]:
        """The next receipts, up to `most`, waiting for them up to that long."""
        end = time.monotonic() + seconds
        with self.channel() as channel:
            while len(self._unread) < most and time.monotonic() < end:
                _, _, body = channel.basic_get(f"cpas.receipts.{self.id}", auto_ack=True)
                if body is None:
                    time.sleep(0.02)
                else:
                    self._unread += json.loads(body)
        found, self._unread = self._unread[:most], self._unread[most:]
        return found

    def answer(self) -> dict[str, Any]:
        """The next receipt. Fails where none comes."""
        found = self.answers()
        assert found, f"no receipt for {self.id} in {SECONDS:g} s"
        return found[0]

    def refused(self, event: dict[str, Any] | bytes, key: str = "", **properties: Any) -> list[str]:
        """The rules by which an event is refused; fails where it is not refused, or not kept with its exact bytes."""
        sent = self.publish(event, key, **properties)
        receipt = self.answer()
        assert receipt["receipt"] == "refused", receipt
        assert receipt["emitter"] == f"/{self.kind}/{self.id}"
        codes = [problem["code"] for problem in receipt["problems"]]
        assert codes
        assert sent in self.kept(receipt["service"], codes[0])
        return codes

    def kept(self, service: str, rule: str) -> list[bytes]:
        """The newest messages of this emitter that a service refused by a rule, as they came."""
        keys = key_files.load(self.platform.deployment.keys_of(service), ("person",) if service == "intake" else ())
        rows = self.platform.ask(
            service,
            "select payload from door.refusal where emitter = %s and rule = %s order by number desc limit 9",
            self.id,
            rule,
        )
        return [door.unseal_delivery(bytes(sealed), keys, door.REFUSAL_BINDING).body for (sealed,) in rows]

    def sealed(self, service: str, block: Any) -> str:
        """A personal block as an emitter seals it to a service."""
        public = json.loads((self.platform.places.public_keys / f"{service}.personal.pub.json").read_text("utf-8"))
        return jwe.encrypt_compact(_JWE, orjson.dumps(block), ECKey.import_key(public), algorithms=[*_JWE.values()])

    def records(self, kind: str = "session.held", **data: Any) -> dict[str, Any]:
        """An innocent event is recorded: the service goes on. Its receipt."""
        event = self.event(kind, **data)
        self.publish(event)
        receipt = self.answer()
        assert (receipt["receipt"], receipt["id"]) == ("recorded", event["id"]), receipt["problems"]
        return receipt
