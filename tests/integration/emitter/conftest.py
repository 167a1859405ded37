"""A broker with its topology, emitters that are let in, and a small service that really consumes and answers.

It stands in for the recording services where a test needs an answer that they would give by accident only: silence,
a refusal, a late receipt. It consumes the true queues and signs as the platform does.
"""

from __future__ import annotations

import base64
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey, OKPKey
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_contracts.identity import recorded_id
from miriam_emitter import Emitter, Settings
from miriam_local.broker import Broker
from miriam_local.emitters import Emitter as Admitted
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_platform import broker_address

PASSWORD = "secret"
SERVICES = dict.fromkeys((*RECORDING_SERVICES, "reporting"), "service")

# What to answer to an event, given how often it came before; None: nothing at all.
Answer = Callable[[dict[str, Any], int], str | None]


def always_recorded(_: dict[str, Any], before: int) -> str:
    return "duplicate" if before else "recorded"


@dataclass
class Answering:
    """Consumes the inboxes of some emitters for one service, and answers each event with a signed receipt."""

    url: str
    service: str
    emitters: list[str]
    key: Ed25519PrivateKey
    answer: Answer = always_recorded
    pace: float = 0.0
    arrived: list[dict[str, Any]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _done: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._waiting: list[tuple[str, dict[str, Any], int]] = []
        self._unasked: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        kid = OKPKey.import_key(public_jwk(self.key)).thumbprint()
        self._signed_by = kid

    def start(self) -> Answering:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._done.set()
        self._thread.join(10)

    def first_arrivals(self) -> list[tuple[str, str]]:
        """(subject, id) of each event at its first arrival."""
        return list(dict.fromkeys((event["subject"], event["id"]) for event in self.arrived))

    def answer_unasked(self, events: list[dict[str, Any]], outcome: str) -> None:
        """Send receipts that no message just asked for."""
        self._unasked += [self.receipt(event, outcome) for event in events]

    def _run(self) -> None:
        while not self._done.is_set():
            try:
                self._serve()
            except (AMQPError, OSError):
                self._waiting.clear()
                self._done.wait(0.3)
            except Exception as problem:
                self.trouble.append(problem)
                raise

    def _serve(self) -> None:
        connection = pika.BlockingConnection(broker_address.parameters(self.url)[0])
        channel = connection.channel()
        channel.basic_qos(prefetch_count=500)
        for emitter in self.emitters:
            channel.basic_consume(f"{self.service}.inbox.{emitter}", self._on_message)
        try:
            while not self._done.is_set():
                connection.process_data_events(0.02)
                self._answer_all(channel)
                while self._unasked:
                    receipt = self._unasked.pop()
                    emitter = receipt["emitter"].rpartition("/")[2]
                    channel.basic_publish("cpas.receipts", emitter, canonical(receipt))
        finally:
            if connection.is_open:
                connection.close()

    def _on_message(self, _: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        assert properties.user_id is not None
        assert properties.delivery_mode == 2
        self._waiting.append((method.routing_key.split(".")[0], json.loads(body), method.delivery_tag))

    def _answer_all(self, channel: BlockingChannel) -> None:
        if not self._waiting:
            return
        time.sleep(self.pace)
        batch, self._waiting = self._waiting, []
        by_emitter: dict[str, list[dict[str, Any]]] = {}
        for emitter, event, _ in batch:
            before = self._counts[emitter, event["id"]]
            self._counts[emitter, event["id"]] += 1
            self.arrived.append(event)
            outcome = self.answer(event, before)
            if outcome is not None:
                by_emitter.setdefault(emitter, []).append(self.receipt(event, outcome))
        for emitter, receipts in by_emitter.items():
            channel.basic_publish("cpas.receipts", emitter, canonical(receipts))
        channel.basic_ack(batch[-1][2], multiple=True)

    def receipt(self, event: dict[str, Any], outcome: str) -> dict[str, Any]:
        events = [{"id": recorded_id(self.service, event["source"], event["id"]), "sequence": 1, "leaf": "00" * 32}]
        problem = {"code": "required", "field": "data/kind", "allowed": "", "title": {"en": "missing", "fr": "absent"}}
        content: dict[str, Any] = {
            "receipt": outcome,
            "service": self.service,
            "emitter": event["source"],
            "id": event["id"],
            "subject": event["subject"],
            "time": "2023-09-01T10:00:00.000000Z",
            "events": events if outcome in ("recorded", "duplicate") else [],
            "problems": [problem] if outcome == "refused" else [],
            "key": self._signed_by,
        }
        content["signature"] = base64.b64encode(self.key.sign(canonical(content))).decode()
        return content


def public_jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    raw = key.public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}


@dataclass
class Keys:
    """Keys of the three services, their public halves in `folder`."""

    folder: Path
    receipts: dict[str, Ed25519PrivateKey]
    personal: dict[str, ECKey]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    folder = tmp_path / "keys"
    folder.mkdir()
    receipts = {service: Ed25519PrivateKey.generate() for service in RECORDING_SERVICES}
    personal = {service: ECKey.generate_key("P-256") for service in RECORDING_SERVICES}
    for service in RECORDING_SERVICES:
        jwk = public_jwk(receipts[service])
        jwk["kid"] = OKPKey.import_key(jwk).thumbprint()
        (folder / f"{service}.receipt.pub.json").write_text(json.dumps(jwk))
        (folder / f"{service}.personal.pub.json").write_text(json.dumps(personal[service].as_dict(private=False)))
    return Keys(folder, receipts, personal)


@pytest.fixture
def broker(rabbitmq: PrivateRabbitMQ) -> Iterator[Broker]:
    broker = Broker(rabbitmq.api, f"emitter-{next(_NUMBERS)}")
    broker.declare(SERVICES)
    yield broker
    rabbitmq.api.delete("vhosts", broker.vhost)


_NUMBERS = itertools.count(1)

NewEmitter = Callable[..., Emitter]
Serve = Callable[..., Answering]


@pytest.fixture
def new_emitter(rabbitmq: PrivateRabbitMQ, broker: Broker, keys: Keys, tmp_path: Path) -> Iterator[NewEmitter]:
    """`new_emitter("anderlecht", timeout=1)` is let in by the broker and has a spool of its own."""
    opened: list[Emitter] = []

    def make(name: str = "anderlecht", **settings: Any) -> Emitter:
        admitted = Admitted(name)
        broker.admit({admitted: PASSWORD})
        url = rabbitmq.url(broker.vhost, admitted.user, PASSWORD)
        opened.append(Emitter(Settings(name, "cpas", url, keys.folder, tmp_path / f"{name}.spool", **settings)))
        return opened[-1]

    yield make
    for emitter in opened:
        emitter.close()


@pytest.fixture
def answering(keys: Keys) -> Iterator[Callable[..., Answering]]:
    """`answering(url, "sessions", ["anderlecht"])` starts a service that answers; it is stopped after the test."""
    running: list[Answering] = []

    def start(
        url: str, service: str = "sessions", emitters: tuple[str, ...] = ("anderlecht",), **options: Any
    ) -> Answering:
        running.append(Answering(url, service, list(emitters), keys.receipts[service], **options).start())
        return running[-1]

    yield start
    for each in running:
        each.stop()
        assert not each.trouble


@pytest.fixture
def serve(rabbitmq: PrivateRabbitMQ, broker: Broker, answering: Callable[..., Answering]) -> Serve:
    """`serve("sessions", ("anderlecht",))` starts a service that answers on this test's own vhost."""

    def start(service: str = "sessions", emitters: tuple[str, ...] = ("anderlecht",), **options: Any) -> Answering:
        url = rabbitmq.url(broker.vhost, f"service.{service}", SERVICES[service])
        return answering(url, service, emitters, **options)

    return start


def session(number: int, subject: str = "p-1", emitter: str = "anderlecht") -> dict[str, Any]:
    """A session held, in the short form."""
    return {
        "type": "miriam.session.held.v1",
        "subject": f"{emitter}:{subject}",
        "id": f"s-{number}",
        "time": "2023-09-01T10:00:00Z",
        "data": {
            "project": "spp-is:2023-anderlecht-1",
            "participation": f"{emitter}:{subject}",
            "session": f"{emitter}:s-{number}",
            "occurred_on": "2023-09-01",
            "duration_minutes": 60,
            "place": "cpas",
            "theme": "housing",
            "case_manager": f"{emitter}:cm-1",
        },
    }


@pytest.fixture
def sessions() -> Callable[..., list[dict[str, Any]]]:
    """`sessions(100, subjects=7)`: sessions held, numbered in the order of emission, spread over subjects."""

    def make(count: int, subjects: int = 10, first: int = 0, emitter: str = "anderlecht") -> list[dict[str, Any]]:
        return [session(first + n, f"p-{n % subjects}", emitter) for n in range(count)]

    return make
