"""Each service as its processes: it starts, records, answers and publishes while the other services do not exist."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from miriam_contracts.canonical import leaf_hash
from miriam_contracts.examples import emitted
from miriam_local.broker import Broker
from miriam_local.databases import DatabaseAccess
from miriam_local.emitters import Emitter
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_platform.database import connect

CPAS, AUTHORITY = Emitter("anderlecht"), Emitter("spp-is", "authority")
EMITTERS = {CPAS: "cpas-password", AUTHORITY: "authority-password"}
TOKEN = "a-token-between-services"
# Two facts to record, and the rule that refuses a third, which comes too early.
COURSE = {
    "intake": ("participation.enrolled", "participation.paused", "not_ended", "participation.followed_up"),
    "sessions": ("goal.set", "goal.reached", "referral_not_made", "referral.closed"),
    "groups": ("group.formed", "group.joined", "not_a_member", "groupsession.held"),
}
SECONDS = 30.0


def wait_for(what: Callable[[], Any]) -> Any:
    """The first true answer of `what`. Fails after 30 seconds."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {SECONDS} s in vain")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Processes:
    """One service's processes, and what an emitter and an operator see of them."""

    name: str
    environment: dict[str, str]
    channel: BlockingChannel
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *arguments: str) -> None:
        """Run a command to its end."""
        subprocess.run(self._line(*arguments), env=self.environment, check=True, timeout=60)

    def start(self, command: str) -> None:
        """Start a command that stays."""
        with self.log.open("ab") as log:
            self.running.append(subprocess.Popen(self._line(command), env=self.environment, stderr=log, stdout=log))

    def stop(self) -> list[int]:
        """End what runs, as a supervisor does; the exit codes."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(timeout=30) for process in self.running]
        self.running.clear()
        return codes

    def _line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", f"miriam_{self.name}", *arguments]

    def emit(self, kind: str, example: str = "typical") -> dict[str, Any]:
        """Publish a golden example as its emitter, and answer its receipt."""
        event = emitted(kind, example)
        event["data"].pop("personal", None)
        properties = pika.BasicProperties(
            delivery_mode=2, user_id=CPAS.user, content_type="application/cloudevents+json"
        )
        key = f"{CPAS.id}.{kind}"
        self.channel.basic_publish("cpas.inbox", key, orjson.dumps(event), properties, mandatory=True)
        receipt: dict[str, Any] = wait_for(self.receipt)
        assert receipt["id"] == event["id"]
        return receipt

    def receipt(self) -> dict[str, Any] | None:
        """The next receipt, if there is one."""
        _, _, body = self.channel.basic_get(f"cpas.receipts.{CPAS.id}", auto_ack=True)
        if body is None:
            return None
        (receipt,) = json.loads(body)
        found: dict[str, Any] = receipt
        return found

    def get(self, path: str, token: str = TOKEN) -> Any:
        """The answer of the service's HTTP door; None while it is not there."""
        address = f"http://{self.environment['MIRIAM_HTTP_ADDRESS']}{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None


@pytest.fixture(params=sorted(COURSE))
def service(
    request: pytest.FixtureRequest,
    new_database: Callable[..., DatabaseAccess],
    rabbitmq: PrivateRabbitMQ,
    tmp_path: Path,
) -> Iterator[Processes]:
    """One service, provisioned, migrated and keyed by its own commands; the databases of the others do not exist."""
    name = request.param
    access = new_database(name)
    broker = Broker(rabbitmq.api, f"alone-{name}")
    broker.declare({each: f"{each}-password" for each in ("intake", "sessions", "groups", "reporting")})
    broker.admit(EMITTERS)
    environment = {
        **os.environ,
        "MIRIAM_DATABASE_URL": access.app_url,
        "MIRIAM_MIGRATION_URL": access.owner_url,
        "MIRIAM_AMQP_URL": rabbitmq.url(broker.vhost, f"service.{name}", f"{name}-password"),
        "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{free_port()}",
        "MIRIAM_KEYS_DIR": str(tmp_path / "keys"),
        "MIRIAM_SERVICE_TOKEN": TOKEN,
    }
    address = pika.URLParameters(rabbitmq.url(broker.vhost, CPAS.user, EMITTERS[CPAS]))
    connection = pika.BlockingConnection(address)
    processes = Processes(name, environment, connection.channel(), tmp_path / "log")
    processes.channel.confirm_delivery()
    processes.command("keys")
    processes.command("migrate", "pre")
    owner = connect(access.owner_url, "test-owner")
    with owner, owner.cursor() as cursor:
        for emitter in EMITTERS:
            cursor.execute("select door.register_emitter(%s, %s, false)", (emitter.id, emitter.kind))
    owner.close()
    yield processes
    for process in processes.running:
        process.kill()
        process.wait()
    connection.close()
    rabbitmq.api.delete("vhosts", broker.vhost)


def test_a_service_records_answers_and_publishes_with_the_others_absent(
    service: Processes, rabbitmq: PrivateRabbitMQ
) -> None:
    first, second, rule, too_early = COURSE[service.name]
    service.start("serve")
    service.start("relay")
    assert wait_for(lambda: service.get("/healthz")), service.log.read_text()

    receipts = [service.emit(kind) for kind in (first, second)]
    assert [(r["receipt"], r["events"][0]["sequence"]) for r in receipts] == [("recorded", 1), ("recorded", 2)]
    assert service.emit(first)["receipt"] == "duplicate"

    refused = service.emit(too_early)
    assert refused["receipt"] == "refused"
    assert refused["problems"][0]["code"] == rule
    assert set(refused["problems"][0]["title"]) == {"en", "fr", "nl", "de"}

    events = service.get("/v1/events?after=0&limit=10")
    assert [event["sequence"] for event in events] == [1, 2]
    assert {event["source"] for event in events} == {f"/services/{service.name}"}
    assert service.get("/v1/events?after=0", token="another-token-altogether") == 401

    published = list(ledger(rabbitmq, service))
    assert [json.loads(body)["sequence"] for body in published] == [1, 2]
    assert [leaf_hash(body).hex() for body in published] == [r["events"][0]["leaf"] for r in receipts]
    assert service.stop() == [0, 0], service.log.read_text()


def test_the_http_door_answers_at_once_while_the_inbox_waits(service: Processes) -> None:
    service.start("serve")
    wait_for(lambda: service.get("/healthz"))
    for _ in range(5):
        began = time.monotonic()
        assert service.get("/healthz")
        assert time.monotonic() - began < 1.0


def test_what_was_sent_while_a_service_was_down_is_recorded_when_it_comes_back(service: Processes) -> None:
    first, second, _, _ = COURSE[service.name]
    service.start("serve")
    assert service.emit(first)["receipt"] == "recorded"
    service.stop()
    properties = pika.BasicProperties(delivery_mode=2, user_id=CPAS.user, content_type="application/cloudevents+json")
    body = orjson.dumps(emitted(second))
    service.channel.basic_publish("cpas.inbox", f"{CPAS.id}.{second}", body, properties, mandatory=True)
    service.start("serve")
    receipt = wait_for(service.receipt)
    assert (receipt["receipt"], receipt["events"][0]["sequence"]) == ("recorded", 2)
    assert service.stop() == [0]


def ledger(rabbitmq: PrivateRabbitMQ, service: Processes) -> Iterator[bytes]:
    """What the relay published, as reporting would read it: two events."""
    vhost = service.environment["MIRIAM_AMQP_URL"].rpartition("/")[2]
    address = pika.URLParameters(rabbitmq.url(vhost, "service.reporting", "reporting-password"))
    connection = pika.BlockingConnection(address)
    queue = f"reporting.ledger.{service.name}"
    messages = connection.channel().consume(queue, auto_ack=True, inactivity_timeout=SECONDS)
    for _ in range(2):
        _, _, body = next(messages)
        assert body is not None, "the relay published nothing"
        yield body
    connection.close()
