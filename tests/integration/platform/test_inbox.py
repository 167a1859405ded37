"""The inbox as a process, under real outages: acknowledged is what is committed and answered."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pika
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_intake.service import DEFINITION as INTAKE
from miriam_local.broker import Broker
from miriam_local.emitters import Emitter
from miriam_local.processes import free_ports
from miriam_platform import keys as key_files
from miriam_platform.deliveries import Delivery
from miriam_platform.keys import Keys

Rows = Callable[..., list[tuple[Any, ...]]]
HERE = Path(__file__).parent
TOKEN = "between-services-0123456789"
CPAS = ("anderlecht", "schaerbeek")


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


@pytest.fixture
def world(rabbitmq: Any, _numbers: Iterator[int]) -> Iterator[World]:
    broker = Broker(rabbitmq.api, f"inbox-{next(_numbers)}")
    broker.declare({"intake": "i", "sessions": "s", "groups": "g", "reporting": "r"})
    broker.admit({Emitter(emitter): emitter for emitter in CPAS})
    made = World(broker, lambda user, word: str(rabbitmq.url(broker.vhost, user, word)))
    yield made
    made.close()
    rabbitmq.api.delete("vhosts", broker.vhost)


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


@pytest.fixture
def serve(
    world: World, access: Any, keys: Keys, tmp_path: Path, register: Callable[[str], None]
) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []
    for emitter in CPAS:
        register(emitter)

    def start(definition: str = "fragile_service:DEFINITION", service: str = "sessions") -> Served:
        [port] = free_ports(1)
        log = tmp_path / f"serve-{len(running)}.log"
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "MIRIAM_DATABASE_URL": access.app_url,
            "MIRIAM_AMQP_URL": world.url(f"service.{service}", service[0]),
            "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{port}",
            "MIRIAM_KEYS_DIR": str(tmp_path / "keys"),
            "MIRIAM_SERVICE_TOKEN": TOKEN,
            "MIRIAM_TEST_MENDED": str(tmp_path / "mended"),
        }
        code = f"import sys; from miriam_platform.run import main; sys.exit(main({definition!r}, ['serve']))"
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=output, stderr=output)
        running.append(Served(process, f"127.0.0.1:{port}", log))
        running[-1].wait_until_serving()
        return running[-1]

    yield start
    for served in running:
        if served.process.poll() is None:
            served.end(signal.SIGKILL)
        # Shown by pytest where the test fails.
        print(served.log.read_text()[-4000:])


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def outcomes(receipts: list[dict[str, Any]]) -> Counter[str]:
    return Counter(receipt["receipt"] for receipt in receipts)


def test_what_emitters_send_is_recorded_and_answered_with_signed_receipts(
    serve: Callable[..., Served], world: World, new_sender: Any, rows: Rows, keys: Keys
) -> None:
    serve()
    anderlecht, schaerbeek = new_sender("anderlecht"), new_sender("schaerbeek")
    world.send(*(anderlecht.goal_set(f"p-{n}") for n in range(150)))
    world.send(*(schaerbeek.goal_set(f"p-{n}") for n in range(20)), schaerbeek.goal_reached("p-99"))
    assert outcomes(world.await_receipts("anderlecht", 150)) == {"recorded": 150}
    answers = world.await_receipts("schaerbeek", 21)
    assert outcomes(answers) == {"recorded": 20, "refused": 1}
    assert rows("select count(*), max(sequence) from event_store.event") == [(170, 170)]
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(str(keys.receipt_public["x"]) + "=="))
    for receipt in answers:
        signature = base64.b64decode(receipt.pop("signature"))
        public.verify(signature, canonical(receipt))
        assert (receipt["emitter"], receipt["service"]) == ("/cpas/schaerbeek", "sessions")
    refusal = answers[-1]
    assert refusal["problems"][0]["code"] == "fact_not_found"
    assert set(refusal["problems"][0]["title"]) == {"en", "fr", "nl", "de"}
    recorded = rows("select encode(sha256('\\x00'::bytea || convert_to(body, 'UTF8')), 'hex') from event_store.event")
    assert {r["events"][0]["leaf"] for r in answers[:-1]} <= {leaf for (leaf,) in recorded}
    assert eventually(lambda: sum(world.broker.queue_lengths().values()) == 0, 15)


def test_a_process_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    served = serve()
    world.send(*(sender.goal_set(f"p-{n}") for n in range(600)))
    assert eventually(lambda: rows("select count(*) > 0 from event_store.event") == [(True,)])
    served.end(signal.SIGKILL)
    serve()
    world.send(*(sender.goal_reached(f"p-{n}") for n in range(600)))
    assert eventually(lambda: rows("select count(*), max(sequence) from event_store.event") == [(1200, 1200)])
    assert eventually(lambda: len({r["id"] for r in world.await_receipts("anderlecht", 1200, 1)}) == 1200)


def test_what_was_committed_and_not_acknowledged_comes_again_and_is_a_duplicate(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    """May it not write receipts, the session breaks after the commit and before the acknowledgement."""
    api, vhost, user = world.broker.api, world.broker.vhost, "service.sessions"
    rights = {name: api.get("permissions", vhost, user)[name] for name in ("configure", "write", "read")}
    api.put("permissions", vhost, user, body={**rights, "write": "^$"})
    serve()
    world.send(sender.goal_set())
    assert eventually(lambda: rows("select count(*) from event_store.event") == [(1,)])
    api.put("permissions", vhost, user, body=rights)
    [receipt] = world.await_receipts("anderlecht", 1)
    assert receipt["receipt"] == "duplicate"
    assert receipt["events"][0]["sequence"] == 1
    assert rows("select count(*) from event_store.event") == [(1,)]


def test_a_poisonous_event_is_parked_with_its_followers_and_the_innocent_go_on(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    served = serve()
    world.send(
        sender.goal_set("p-1"),
        sender.goal_set("p-2", "g-poison", id="poison"),
        sender.goal_reached("p-2", id="follower-1"),
        *(sender.goal_set(f"p-{n}") for n in range(3, 40)),
    )
    assert outcomes(world.await_receipts("anderlecht", 38, 5)) == {"recorded": 38}
    world.send(sender.goal_set("p-2", id="follower-2"))
    assert outcomes(world.await_receipts("anderlecht", 41)) == {"recorded": 38, "parked": 3}
    found = rows("select emitted_id, subject, attempts, status from door.parked order by position")
    assert found == [
        ("poison", "anderlecht:p-2", 5, "parked"),
        ("follower-1", "anderlecht:p-2", 0, "parked"),
        ("follower-2", "anderlecht:p-2", 0, "parked"),
    ]
    world.send(sender.goal_set("p-2", id="follower-3"), sender.goal_set("p-50"))
    assert outcomes(world.await_receipts("anderlecht", 43)) == {"recorded": 39, "parked": 4}
    assert rows("select count(*) from door.attempt") == [(0,)]
    text = served.log.read_text() + str(rows("select row_to_json(p)::text from door.parked p"))
    assert "KeyError" in text
    assert "MARKER" not in text


def test_a_fault_that_passes_costs_a_pause_and_keeps_the_order_of_its_subject(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows, tmp_path: Path
) -> None:
    serve()
    world.send(
        sender.goal_set("p-2", "g-poison", id="flaky"), sender.goal_reached("p-2", "g-poison"), sender.goal_set("p-3")
    )
    assert outcomes(world.await_receipts("anderlecht", 1, 5)) == {"recorded": 1}
    (tmp_path / "mended").touch()
    assert outcomes(world.await_receipts("anderlecht", 3)) == {"recorded": 3}
    assert rows("select count(*) from door.attempt") == [(0,)]


def test_an_operator_has_parked_events_tried_again_in_their_order(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows, tmp_path: Path
) -> None:
    serve()
    world.send(
        sender.goal_set("p-2", "g-poison"), sender.goal_reached("p-2", "g-poison"), sender.goal_set("p-2", "g-poison")
    )
    assert outcomes(world.await_receipts("anderlecht", 3)) == {"parked": 3}
    assert rows("select door.retry_parked('anderlecht', 'anderlecht:p-2')") == [(3,)]
    assert eventually(lambda: rows("select attempts from door.parked order by position") == [(6,), (0,), (0,)])
    assert rows("select distinct status from door.parked") == [("parked",)]
    (tmp_path / "mended").touch()
    rows("select door.retry_parked('anderlecht', 'anderlecht:p-2')")
    assert outcomes(world.await_receipts("anderlecht", 6)) == {"parked": 3, "recorded": 3}
    types = rows("select type from event_store.event order by sequence")
    assert types == [("miriam.goal.set.v1",), ("miriam.goal.reached.v1",), ("miriam.goal.set.v1",)]
    assert eventually(lambda: rows("select distinct status, length(payload) from door.parked") == [("retried", 0)])
    world.send(sender.goal_set("p-2"))
    assert outcomes(world.await_receipts("anderlecht", 7)) == {"parked": 3, "recorded": 4}


def test_a_discarded_event_no_longer_holds_its_subject_up(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    serve()
    world.send(sender.goal_set("p-2", "g-poison"))
    assert outcomes(world.await_receipts("anderlecht", 1)) == {"parked": 1}
    assert rows("select door.discard_parked(1), door.discard_parked(99)") == [(True, False)]
    world.send(sender.goal_set("p-2"))
    assert outcomes(world.await_receipts("anderlecht", 2)) == {"parked": 1, "recorded": 1}


def test_a_refused_event_that_is_tried_again_later_is_recorded_and_answered(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    serve()
    world.send(sender.goal_reached("p-1"), sender.goal_set("p-1"))
    assert outcomes(world.await_receipts("anderlecht", 2)) == {"refused": 1, "recorded": 1}
    assert rows("select door.decide_refusal(1, 'asked')") == [(True,)]
    assert outcomes(world.await_receipts("anderlecht", 3)) == {"refused": 1, "recorded": 2}
    assert eventually(lambda: rows("select status from door.refusal") == [("retried",)])


def test_a_database_that_is_away_is_never_counted_against_an_event(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows, admin: Connection, access: Any
) -> None:
    served = serve()
    world.send(sender.goal_set("p-0"))
    world.await_receipts("anderlecht", 1)
    with admin.cursor() as cursor:
        cursor.execute(f"alter database {access.name} allow_connections false")
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (access.name,))
        world.send(*(sender.goal_set(f"p-{n}") for n in range(1, 6)))
        time.sleep(2)
        assert served.get("/healthz")[0] == 503
        cursor.execute(f"alter database {access.name} allow_connections true")
    assert outcomes(world.await_receipts("anderlecht", 6)) == {"recorded": 6}
    assert served.process.poll() is None
    assert served.get("/healthz")[1]["sequence"] == 6


def test_a_lost_broker_connection_is_opened_again(
    serve: Callable[..., Served], world: World, sender: Any, rabbitmq: Any
) -> None:
    serve()
    world.send(sender.goal_set("p-0"))
    world.await_receipts("anderlecht", 1)

    def ours() -> list[str]:
        return [c["name"] for c in rabbitmq.api.get("connections") if c["user"] == "service.sessions"]

    assert eventually(lambda: bool(ours()))
    for name in ours():
        rabbitmq.api.delete("connections", name)
    world.send(sender.goal_set("p-1"))
    assert outcomes(world.await_receipts("anderlecht", 2)) == {"recorded": 2}


def test_an_emitter_that_is_added_later_is_heard_without_a_restart(
    serve: Callable[..., Served], world: World, new_sender: Any, register: Callable[[str], None]
) -> None:
    serve()
    register("seraing")
    world.broker.admit({Emitter("seraing"): "seraing"})
    world.send(new_sender("seraing").goal_set())
    assert outcomes(world.await_receipts("seraing", 1)) == {"recorded": 1}


def test_a_message_that_does_not_say_who_sent_it_is_refused(
    serve: Callable[..., Served], world: World, sender: Any
) -> None:
    serve()
    anonymous = sender.goal_set()
    channel = world.channel("anderlecht")
    channel.basic_publish("cpas.inbox", anonymous.routing_key, anonymous.body)
    [receipt] = world.await_receipts("anderlecht", 1)
    assert receipt["problems"][0]["code"] == "sender_unknown"


def test_a_message_that_no_service_takes_is_answered_by_intake(
    serve: Callable[..., Served], world: World, sender: Any, tmp_path: Path
) -> None:
    key_files.make(tmp_path / "keys", INTAKE.extra_keys)
    serve("miriam_intake.service:DEFINITION", "intake")
    stray = sender.deliver(
        sender.emission("goal.set", type="miriam.dream.dreamt.v1"), routing_key="anderlecht.dream.dreamt"
    )
    world.send(stray)
    [receipt] = world.await_receipts("anderlecht", 1)
    assert (receipt["service"], receipt["problems"][0]["code"]) == ("intake", "unknown_type")


def test_recorded_events_are_served_by_number_to_services_alone(
    serve: Callable[..., Served], world: World, sender: Any
) -> None:
    served = serve()
    world.send(*(sender.goal_set(f"p-{n}") for n in range(5)))
    world.await_receipts("anderlecht", 5)
    assert served.get("/v1/events")[0] == 401
    assert served.get("/v1/events", "wrong")[0] == 401
    status, events = served.get("/v1/events?after=2&limit=2", TOKEN)
    assert (status, [e["sequence"] for e in events]) == (200, [3, 4])
    assert served.get("/v1/events?after=5", TOKEN) == (200, [])
    for wrong in ("after=-1", "after=x", "limit=0", "limit=1001", "after=1e3"):
        assert served.get(f"/v1/events?{wrong}", TOKEN)[0] == 400
    status, public = served.get("/v1/keys")
    assert (status, public["personal"]["crv"], public["receipt"]["crv"]) == (200, "P-256", "Ed25519")
    assert "d" not in public["personal"]


def test_a_process_that_is_told_to_end_finishes_its_batch_and_leaves_in_time(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    served = serve()
    world.send(*(sender.goal_set(f"p-{n}") for n in range(200)))
    began = time.monotonic()
    assert served.end() == 0
    assert time.monotonic() - began < 8
    recorded = rows("select count(*) from event_store.event")[0][0]
    assert len(world.await_receipts("anderlecht", recorded, 5)) == recorded


def test_no_log_line_holds_a_value_of_a_payload(serve: Callable[..., Served], world: World, sender: Any) -> None:
    served = serve()
    world.send(
        sender.goal_set(data={"personal": sender.jwe({"text": "MARKER"})}),
        sender.goal_set(data={"domain": "MARKER"}),
        sender.goal_set("p-2", "g-poison", correlationid="c-1"),
        sender.deliver(b'{"MARKER": '),
        sender.goal_set(correlationid="MARKER 85073003328"),
    )
    world.await_receipts("anderlecht", 5)
    text = served.log.read_text()
    assert "MARKER" not in text
    assert "85073003328" not in text
    lines = [orjson.loads(line) for line in text.splitlines()]
    assert {line["service"] for line in lines} == {"sessions"}
    assert any(line["event"] == "refused" and line.get("code") == "unknown_code" for line in lines)
