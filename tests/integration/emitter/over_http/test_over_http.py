"""What an emitter promises over HTTP is what it promises over AMQP."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from miriam_emitter import Emitter, NotConfigured, Put, Settings, Unreachable

Events = Callable[..., list[dict[str, Any]]]
NewEmitter = Callable[..., Emitter]
# The double's classes live in a conftest, which no test imports.
Door = Any


def reply(status: int, content: Any, **options: Any) -> Any:
    """As the double's Reply."""
    made = {"headers": {}, "cut": False, "hang": 0.0, **options}
    return type("Reply", (), {"status": status, "content": content, **made})()


def in_order(ids: list[str], subjects: int) -> bool:
    found = defaultdict(list)
    for id_ in dict.fromkeys(ids):
        number = int(id_.removeprefix("s-"))
        found[number % subjects].append(number)
    return all(numbers == sorted(numbers) for numbers in found.values())


def test_every_event_is_answered_in_the_order_of_its_subject(
    over_http: NewEmitter, door: Door, sessions: Events
) -> None:
    emitter = over_http()
    emitter.put(sessions(3000, subjects=300))
    end = emitter.run(patience=20)
    assert (end.total.recorded, end.total.answered, end.waiting) == (3000, 3000, 0)
    assert len(door.arrived) == 3000
    assert in_order(door.arrived, 300)
    assert len(list(emitter.spool.answers(f"s-{n}" for n in range(3000)))) == 3000


def test_batches_are_packed_and_told_in_which_language_to_answer(
    over_http: NewEmitter, door: Door, sessions: Events
) -> None:
    emitter = over_http(language="nl")
    emitter.put(sessions(500, subjects=500))
    emitter.run(patience=20)
    assert max(len(asked.events) for asked in door.asked) == 400, "a service's share of the window in one batch"
    first = door.asked[0].headers
    assert (first["Content-Encoding"], first["Accept-Language"]) == ("gzip", "nl")


def test_an_emitter_over_http_imports_no_amqp(keys: Any, door: Door) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from miriam_emitter import Emitter, Settings\n"
        "settings = Settings('anderlecht', 'cpas', '', Path(sys.argv[1]), Path(sys.argv[2]), http_url=sys.argv[3],"
        " http_token=sys.argv[4])\n"
        "with Emitter(settings) as emitter: emitter.run()\n"
        "assert 'pika' not in sys.modules\n"
    )
    arguments = [str(keys.folder), str(keys.folder / "a.spool"), door.url, door.token]
    subprocess.run([sys.executable, "-c", script, *arguments], check=True)


def test_a_batch_that_is_settled_in_part_has_its_rest_sent_again_after_the_pause_asked_for(
    over_http: NewEmitter, door: Door, sessions: Events
) -> None:
    times: list[float] = []

    def post(asked: Any, _: Any) -> Any:
        times.append(time.monotonic())
        if len(times) == 1:
            some = [door.settle(event) for event in asked.events[:3]]
            return reply(503, {"code": "unavailable", "receipts": some}, headers={"Retry-After": "1"})
        return reply(200, {"receipts": [door.settle(event) for event in asked.events]})

    door.post = post
    emitter = over_http()
    emitter.put(sessions(10))
    end = emitter.run(patience=20)
    assert (end.total.recorded, end.total.duplicate, end.total.nacked) == (10, 0, 7)
    assert times[1] - times[0] >= 1
    assert door.arrived.count("s-0") == 1
    first, *rest = door.asked
    sent_again = [body for asked in rest for body in asked.bodies]
    assert sorted(sent_again) == sorted(first.bodies[3:]), "the same bytes"


def test_the_order_of_a_subject_holds_when_batches_fail_in_part_and_answers_are_lost(
    over_http: NewEmitter, door: Door, sessions: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events of one subject go together, several batches wait in line, and one event in each is in trouble at first."""
    monkeypatch.setattr("miriam_emitter.over_http.link._MOST_EVENTS", 30)
    chance = random.Random(7)

    def post(asked: Any, _: Any) -> Any:
        trouble = chance.choice(asked.events)["subject"] if chance.random() < 0.3 else ""
        receipts = [door.settle(event) for event in asked.events if event["subject"] != trouble]
        if trouble:
            return reply(503, {"code": "unavailable", "receipts": receipts}, headers={"Retry-After": "0"})
        return reply(200, {"receipts": receipts}, cut=chance.random() < 0.1)

    door.post = post
    emitter = over_http()
    emitter.put(sessions(1500, subjects=7))
    end = emitter.run(patience=20)
    assert (end.total.answered, end.waiting) == (1500, 0)
    assert end.total.nacked > 100
    assert max(len({event["subject"] for event in asked.events}) for asked in door.asked) <= 7
    assert max(len(asked.events) for asked in door.asked) == 30
    assert in_order([receipt["id"] for receipt in door.receipts], 7)


def test_a_flood_that_is_slowed_down_loses_nothing(over_http: NewEmitter, door: Door, sessions: Events) -> None:
    slowed: list[int] = []

    def post(asked: Any, _: Any) -> Any:
        if len(slowed) < 3 and len(door.asked) % 2:
            slowed.append(1)
            return reply(429, {"code": "too_many", "title": "Too many"}, headers={"Retry-After": "0"})
        return reply(200, {"receipts": [door.settle(event) for event in asked.events]})

    door.post = post
    emitter = over_http()
    emitter.put(sessions(1000, subjects=1000))
    end = emitter.run(patience=20)
    assert len(slowed) == 3
    assert (end.total.recorded, end.total.duplicate) == (1000, 0)


def test_a_service_that_cannot_answer_holds_up_no_other(over_http: NewEmitter, door: Door, sessions: Events) -> None:
    def post(asked: Any, _: Any) -> Any:
        if any(event["type"].startswith("miriam.session.") for event in asked.events):
            return reply(503, {"code": "unavailable", "title": "Not now"}, headers={"Retry-After": "60"})
        return reply(200, {"receipts": [door.settle(event) for event in asked.events]})

    door.post = post
    emitter = over_http(window=50)
    others = [
        {**event, "type": "miriam.group.formed.v1", "subject": f"anderlecht:g-{n}", "id": f"s-{1000 + n}"}
        for n, event in enumerate(sessions(200))
    ]
    emitter.put(sessions(200, subjects=200) + others)
    with pytest.raises(Unreachable, match=r"200 events have no receipt.*503 unavailable: Not now \(sessions\)"):
        emitter.run(patience=2)
    assert len(list(emitter.spool.answers(event["id"] for event in others))) == 200


def test_too_large_a_batch_is_sent_in_smaller_ones(over_http: NewEmitter, door: Door, sessions: Events) -> None:
    def post(asked: Any, _: Any) -> Any:
        if len(asked.events) > 40:
            return reply(413, {"code": "too_large", "allowed": 40})
        return reply(200, {"receipts": [door.settle(event) for event in asked.events]})

    door.post = post
    emitter = over_http()
    emitter.put(sessions(400, subjects=400))
    end = emitter.run(patience=20)
    assert (end.total.recorded, end.total.duplicate) == (400, 0)
    assert sum(len(asked.events) > 40 for asked in door.asked) <= 4


@pytest.mark.parametrize("accident", [{"cut": True}, {"hang": 2.0}], ids=["half an answer", "no answer"])
def test_an_answer_that_was_lost_is_asked_for_again_and_counts_once(
    over_http: NewEmitter, door: Door, sessions: Events, accident: dict[str, Any]
) -> None:
    def post(asked: Any, _: Any) -> Any:
        receipts = [door.settle(event) for event in asked.events]
        return reply(200, {"receipts": receipts}, **(accident if len(door.asked) == 1 else {}))

    door.post = post
    emitter = over_http(timeout=0.5)
    emitter.put(sessions(20, subjects=20))
    end = emitter.run(patience=20)
    assert (end.total.duplicate, end.waiting) == (20, 0)
    assert door.asked[0].bodies[0] in [body for asked in door.asked[1:] for body in asked.bodies]


def test_a_token_that_is_not_known_is_told_in_words_and_tried_again_once_it_is_renewed(
    door: Door, keys: Any, sessions: Events, tmp_path: Any
) -> None:
    import json

    file = tmp_path / "emitters" / "anderlecht.json"
    file.parent.mkdir()
    told = {"id": "anderlecht", "kind": "cpas", "keys_dir": str(keys.folder), "http_url": door.url}
    file.write_text(json.dumps({**told, "http_token": "mrm_old_token"}))
    settings = replace(Settings.load("anderlecht", home=tmp_path), longest_pause=0.3)
    assert "mrm_old_token" not in repr(settings)
    with Emitter(settings) as emitter:
        emitter.put(sessions(3))
        with pytest.raises(Unreachable, match=r"401 unauthorized: The token is not known; have the token") as caught:
            emitter.run(patience=1)
        assert "mrm_old_token" not in str(caught.value)
        assert not door.asked, "no event was sent to a door that does not know us"
        ends: list[Any] = []
        thread = threading.Thread(target=lambda: ends.append(emitter.run(patience=10)))
        thread.start()
        time.sleep(0.2)
        file.write_text(json.dumps({**told, "http_token": door.token}))
        thread.join(20)
        assert ends[0].total.recorded == 3


def test_a_door_that_is_away_is_waited_for_and_found_again(over_http: NewEmitter, door: Door, sessions: Events) -> None:
    door.stop()
    emitter = over_http()
    emitter.put(sessions(30, subjects=30))
    with pytest.raises(Unreachable, match=r"30 events have no receipt after 1 s.*refused"):
        emitter.run(patience=1)
    ends: list[Any] = []
    thread = threading.Thread(target=lambda: ends.append(emitter.run(patience=20)))
    thread.start()
    time.sleep(0.5)
    door.start()
    thread.join(20)
    assert ends[0].total.recorded == 30


def test_a_door_that_restarts_in_the_middle_costs_neither_event_nor_order(
    over_http: NewEmitter, door: Door, sessions: Events
) -> None:
    emitter = over_http()
    emitter.put(sessions(4000, subjects=100))
    half = threading.Event()
    ends: list[Any] = []
    thread = threading.Thread(
        target=lambda: ends.append(
            emitter.run(patience=30, progress=lambda p: half.set() if p.total.answered > 1000 else None)
        )
    )
    thread.start()
    assert half.wait(20)
    door.stop()
    time.sleep(0.5)
    door.start()
    thread.join(40)
    assert ends[0].waiting == 0
    assert ends[0].total.connections >= 2
    assert len(set(door.arrived)) == 4000
    assert in_order(door.arrived, 100)


def test_what_answers_but_is_no_door_is_told(over_http: NewEmitter, door: Door, sessions: Events) -> None:
    emitter = over_http(http_url=f"{door.url}/elsewhere")
    emitter.put(sessions(1))
    door._get = lambda handler: reply(200, "<html>welcome to this network</html>")
    with pytest.raises(Unreachable, match="no door"):
        emitter.run(patience=1)
    assert not door.asked


def test_a_parked_event_is_asked_for_until_it_is_answered_and_the_place_is_kept(
    over_http: NewEmitter, door: Door, sessions: Events
) -> None:
    for number in range(1200):  # answered long ago, to another spool
        (old,) = sessions(1, first=10_000 + number)
        door.settle({**old, "source": "/cpas/anderlecht"})
    emitter = over_http(poll=0.2)
    door.outcome = lambda *_: "parked"
    events = sessions(2, subjects=1)
    emitter.put(events)
    assert emitter.run(patience=20).total.parked == 2
    assert emitter.spool.any_parked()
    assert len(door.asked) == 1, "both of one subject in one batch"
    for event in door.asked[0].events:
        door.settle(event, "recorded")
    end = emitter.run(patience=20)
    assert {receipt.outcome for receipt in emitter.spool.answers(["s-0", "s-1"])} == {"recorded"}
    assert end.total.stray == 1204
    assert emitter.put(events) == [Put.KNOWN, Put.KNOWN]
    assert emitter.spool.recall("receipts_after") == "1204"
    asked_before = len(door.polls)
    emitter.put(sessions(1, first=5))
    door.outcome = lambda *_: "parked"
    emitter.run(patience=20)
    emitter.run(patience=20)
    assert min(map(int, door.polls[asked_before:])) == 1204, "only what is new is asked for"


def test_a_receipt_that_no_service_signed_is_not_believed_over_http_either(
    over_http: NewEmitter, door: Door, sessions: Events
) -> None:
    emitter = over_http(timeout=0.3)
    door.post = lambda asked, _: reply(
        200, {"receipts": [{**door.receipt(event, "refused"), "receipt": "recorded"} for event in asked.events]}
    )
    emitter.put(sessions(2))
    with pytest.raises(Unreachable, match="did not sign"):
        emitter.run(patience=2)
    assert emitter.spool.count_waiting() == 2
    assert len(door.asked) < 8


def test_many_emitters_over_http_share_one_thread(over_http: NewEmitter, door: Door, sessions: Events) -> None:
    from miriam_emitter import EmitterPool

    names = [f"cpas-{n}" for n in range(12)]
    emitters = [over_http(name) for name in names]
    for name, emitter in zip(names, emitters, strict=True):
        emitter.put([{**event, "id": f"{name}.{event['id']}"} for event in sessions(100, emitter=name)])
    end = EmitterPool(emitters).run(patience=20)
    assert {name: tally.recorded for name, tally in end.by_emitter.items()} == dict.fromkeys(names, 100)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "amqp_url"),
        ({"over": "http"}, "http_url, http_token"),
        ({"http_url": "http://127.0.0.1:1"}, "http_token"),
        ({"over": "amqp", "http_url": "http://127.0.0.1:1", "http_token": "t"}, "amqp_url"),
        ({"over": "post"}, "amqp, http"),
        ({"http_url": "ftp://door", "http_token": "t"}, "https://HOST"),
    ],
)
def test_what_is_missing_to_send_is_named(keys: Any, tmp_path: Any, given: dict[str, str], said: str) -> None:
    credentials = {"id": "anderlecht", "kind": "cpas", "keys_dir": str(keys.folder), **given}
    with pytest.raises(NotConfigured) as caught:
        Settings.of(credentials, tmp_path / "a.spool", tmp_path)
    assert said in str(caught.value)
