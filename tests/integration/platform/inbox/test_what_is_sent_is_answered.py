"""The inbox as a process: acknowledged is what is committed and answered."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from inbox_process import Served, World, eventually, outcomes

from miriam_contracts.canonical import canonical
from miriam_intake.service import DEFINITION as INTAKE
from miriam_local.emitters import Emitter
from miriam_platform import keys as key_files
from miriam_platform.keys import Keys

Rows = Callable[..., list[tuple[Any, ...]]]


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


def test_a_refused_event_that_is_tried_again_later_is_recorded_and_answered(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    serve()
    world.send(sender.goal_reached("p-1"), sender.goal_set("p-1"))
    assert outcomes(world.await_receipts("anderlecht", 2)) == {"refused": 1, "recorded": 1}
    assert rows("select door.decide_refusal(1, 'asked')") == [(True,)]
    assert outcomes(world.await_receipts("anderlecht", 3)) == {"refused": 1, "recorded": 2}
    assert eventually(lambda: rows("select status from door.refusal") == [("retried",)])


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
    serve: Callable[..., Served], world: World, sender: Any, service_token: str
) -> None:
    served = serve()
    world.send(*(sender.goal_set(f"p-{n}") for n in range(5)))
    world.await_receipts("anderlecht", 5)
    assert served.get("/v1/events")[0] == 401
    assert served.get("/v1/events", "wrong")[0] == 401
    status, events = served.get("/v1/events?after=2&limit=2", service_token)
    assert (status, [e["sequence"] for e in events]) == (200, [3, 4])
    assert served.get("/v1/events?after=5", service_token) == (200, [])
    for wrong in ("after=-1", "after=x", "limit=0", "limit=1001", "after=1e3"):
        assert served.get(f"/v1/events?{wrong}", service_token)[0] == 400
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
