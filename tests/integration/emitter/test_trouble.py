"""What goes wrong between a CPAS and the platform costs time, never an event and never the order."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pika
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pika.exceptions import NackError

from miriam_emitter import Emitter, Settings, Unreachable
from miriam_local.broker import Broker
from miriam_local.emitters import Emitter as Admitted
from miriam_local.rabbitmq import PrivateRabbitMQ

Events = Callable[..., list[dict[str, Any]]]
NewEmitter = Callable[..., Emitter]
Serve = Callable[..., Any]


def in_order(arrivals: list[tuple[str, str]]) -> bool:
    found = defaultdict(list)
    for subject, id_ in arrivals:
        found[subject].append(int(id_.removeprefix("s-")))
    return all(numbers == sorted(numbers) for numbers in found.values())


def fill_inbox(broker: Broker, emitter: Emitter, event: dict[str, Any]) -> None:
    """Send one event over and over, past the spool, until the inbox takes no more."""
    policy = {"pattern": r"^sessions\.inbox\.", "definition": {"max-length": 20}}
    broker.api.put("policies", broker.vhost, "tiny", body=policy)
    (entry,) = emitter.prepare(event)
    with closing(pika.BlockingConnection(pika.URLParameters(emitter.settings.amqp_url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(delivery_mode=2, user_id=emitter.settings.user)
        for _ in range(1000):
            try:
                channel.basic_publish("cpas.inbox", entry.routing_key, entry.body, properties)
            except NackError:
                return
    raise AssertionError("the inbox takes everything")


def test_a_full_inbox_delays_and_keeps_the_order(
    new_emitter: NewEmitter, serve: Serve, sessions: Events, broker: Broker
) -> None:
    emitter = new_emitter()
    fill_inbox(broker, emitter, sessions(1)[0])
    emitter.put(sessions(1200, subjects=300))
    woken: list[Any] = []

    def wake(progress: Any) -> None:
        if progress.total.nacked and not woken:
            woken.append(serve(pace=0.05))

    end = emitter.run(patience=30, progress=wake)
    assert end.total.nacked > 0
    assert (end.total.answered, end.waiting) == (1200, 0)
    assert in_order(woken[0].first_arrivals())


def test_an_inbox_that_stays_full_costs_few_nacks(new_emitter: NewEmitter, sessions: Events, broker: Broker) -> None:
    emitter = new_emitter()
    fill_inbox(broker, emitter, sessions(1)[0])
    emitter.put(sessions(900, subjects=900))
    nacks: list[int] = []
    with pytest.raises(Unreachable):
        emitter.run(patience=4, progress=lambda progress: nacks.append(progress.total.nacked))
    # A first burst of at most a service's share, then one for each pause, which doubles.
    assert 0 < nacks[-1] < 400 + 40


def test_a_receipt_that_is_lost_has_the_event_sent_again(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter = new_emitter(timeout=0.5)
    service = serve(answer=lambda event, before: None if event["id"] == "s-1" and before < 2 else "recorded")
    emitter.put(sessions(4, subjects=1))
    end = emitter.run(patience=20)
    assert (end.total.answered, end.total.resent) == (4, 2)
    assert [event["id"] for event in service.arrived] == ["s-0", "s-1", "s-1", "s-1", "s-2", "s-3"]


def test_a_service_that_sleeps_holds_up_no_other(new_emitter: NewEmitter, serve: Serve, sessions: Events) -> None:
    emitter = new_emitter(window=50)
    groups = serve("groups")
    for_sessions = sessions(200, subjects=200)
    for_groups = [
        {**event, "type": "miriam.group.formed.v1", "subject": f"anderlecht:g-{n}", "id": f"s-{1000 + n}"}
        for n, event in enumerate(sessions(200))
    ]
    emitter.put(for_sessions + for_groups)
    with pytest.raises(Unreachable, match="200 events have no receipt"):
        emitter.run(patience=3)
    assert len(groups.first_arrivals()) == 200


def test_a_receipt_that_the_service_did_not_sign_is_not_believed(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter = new_emitter(timeout=0.5)
    forger = serve(answer=lambda *_: "recorded")
    forger.key = Ed25519PrivateKey.generate()
    emitter.put(sessions(3))
    with pytest.raises(Unreachable, match="did not sign"):
        emitter.run(patience=3)
    assert emitter.spool.count_waiting() == 3


def test_a_broker_that_is_away_is_waited_for(
    rabbitmq: PrivateRabbitMQ, keys: Any, tmp_path: Path, sessions: Events
) -> None:
    nobody = Settings("anderlecht", "cpas", "amqp://a:b@127.0.0.1:1/x", keys.folder, tmp_path / "away.spool")
    with Emitter(nobody) as emitter:
        emitter.put(sessions(3))
        with pytest.raises(Unreachable, match=r"3 events have no receipt after 2 s.*refused") as caught:
            emitter.run(patience=2)
        assert "safe in the spool" in caught.value.next_step
        assert emitter.spool.count_waiting() == 3


def test_a_wrong_password_is_named_and_not_shown(
    rabbitmq: PrivateRabbitMQ, broker: Broker, keys: Any, tmp_path: Path, sessions: Events
) -> None:
    admitted = Admitted("anderlecht")
    broker.admit({admitted: "right"})
    url = rabbitmq.url(broker.vhost, admitted.user, "wrong-word")
    with Emitter(Settings("anderlecht", "cpas", url, keys.folder, tmp_path / "wrong.spool")) as emitter:
        emitter.put(sessions(1))
        with pytest.raises(Unreachable, match=r"(?i)auth") as caught:
            emitter.run(patience=3)
        assert "wrong-word" not in str(caught.value)
        assert "wrong-word" not in repr(emitter.settings)


@pytest.fixture
def own_rabbitmq(server_folder: Path) -> Iterator[PrivateRabbitMQ]:
    """A node that a test may stop."""
    with PrivateRabbitMQ.throw_away(server_folder / "rabbitmq-to-stop").running() as node:
        yield node


def test_a_broker_that_restarts_in_the_middle_costs_neither_event_nor_order(
    own_rabbitmq: PrivateRabbitMQ, keys: Any, tmp_path: Path, sessions: Events, answering: Callable[..., Any]
) -> None:
    broker = Broker(own_rabbitmq.api, "restart")
    broker.declare(dict.fromkeys(("intake", "sessions", "groups", "reporting"), "service"))
    admitted = Admitted("anderlecht")
    broker.admit({admitted: "secret"})
    service = answering(own_rabbitmq.url("restart", "service.sessions", "service"), pace=0.02)
    url = own_rabbitmq.url("restart", admitted.user, "secret")
    settings = Settings("anderlecht", "cpas", url, keys.folder, tmp_path / "restart.spool", longest_pause=1)
    with Emitter(settings) as emitter:
        emitter.put(sessions(3000, subjects=100))
        half = threading.Event()
        ends: list[Any] = []

        def watch(progress: Any) -> None:
            if progress.total.recorded > 1000:
                half.set()

        thread = threading.Thread(target=lambda: ends.append(emitter.run(progress=watch, patience=60)))
        thread.start()
        assert half.wait(30)
        own_rabbitmq.stop(patience=0)
        time.sleep(1)
        own_rabbitmq.start(tied_to_parent=True)
        thread.join(90)
        assert ends, "the run did not end"
        assert ends[0].waiting == 0
        assert ends[0].total.connections >= 2
        assert len(service.first_arrivals()) == 3000
        assert in_order(service.first_arrivals())
        assert len(list(emitter.spool.answers(f"s-{n}" for n in range(3000)))) == 3000
