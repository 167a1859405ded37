"""A serving recording service as a process, and what emitters send to it and hear from it."""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pika

from miriam_local.broker import Broker
from miriam_platform.deliveries import Delivery


@dataclass
class World:
    """The broker as provisioned, and one emitter's connection to it per CPAS."""

    broker: Broker
    url: Callable[[str, str], str]
    channels: dict[str, Any] = field(default_factory=dict)
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def channel(self, emitter: str) -> Any:
        if emitter not in self.channels:
            connection = pika.BlockingConnection(pika.URLParameters(self.url(f"cpas.{emitter}", emitter)))
            self.channels[emitter] = connection.channel()
        return self.channels[emitter]

    def send(self, *deliveries: Delivery) -> None:
        for delivery in deliveries:
            properties = pika.BasicProperties(delivery_mode=2, user_id=delivery.user_id)
            channel = self.channel(delivery.emitter)
            channel.basic_publish("cpas.inbox", delivery.routing_key, delivery.body, properties, mandatory=True)

    def await_receipts(self, emitter: str, count: int, seconds: float = 30) -> list[dict[str, Any]]:
        """All receipts of an emitter so far, once there are `count` of them."""
        found = self.receipts.setdefault(emitter, [])
        end = time.monotonic() + seconds
        channel = self.channel(emitter)
        while len(found) < count and time.monotonic() < end:
            frame, _, body = channel.basic_get(f"cpas.receipts.{emitter}", auto_ack=True)
            if frame is None:
                channel.connection.sleep(0.05)
                continue
            found.extend(orjson.loads(body))
        return found

    def close(self) -> None:
        for channel in self.channels.values():
            if channel.connection.is_open:
                channel.connection.close()


@dataclass
class Served:
    """A serving process, its HTTP address and its log."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def wait_until_serving(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"does not serve:\n{self.log.read_text()[-3000:]}")

    def get(self, path: str, token: str | None = None) -> tuple[int, Any]:
        request = urllib.request.Request(f"http://{self.address}{path}")
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, orjson.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, orjson.loads(error.read())

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def outcomes(receipts: list[dict[str, Any]]) -> Counter[str]:
    return Counter(receipt["receipt"] for receipt in receipts)
