"""What an emitter promises, with a real broker and a consumer that answers."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from miriam_emitter import Emitter, EmitterPool, Put

Events = Callable[..., list[dict[str, Any]]]
NewEmitter = Callable[..., Emitter]
Serve = Callable[..., Any]


def order_by_subject(arrivals: list[tuple[str, str]]) -> dict[str, list[int]]:
    found = defaultdict(list)
    for subject, id_ in arrivals:
        found[subject].append(int(id_.removeprefix("s-")))
    return found


def test_every_event_is_recorded_in_the_order_of_its_subject(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter, service = new_emitter(), serve()
    emitter.put(sessions(3000, subjects=300))
    end = emitter.run(patience=20)
    assert (end.total.recorded, end.total.answered, end.waiting) == (3000, 3000, 0)
    order = order_by_subject(service.first_arrivals())
    assert len(order) == 300
    assert all(numbers == sorted(numbers) and len(numbers) == 10 for numbers in order.values())


def test_what_is_put_while_it_runs_is_sent_at_once(new_emitter: NewEmitter, serve: Serve, sessions: Events) -> None:
    emitter = new_emitter()
    serve()
    answered = threading.Event()

    def watch(progress: Any) -> None:
        if progress.total.recorded == 20:
            answered.set()

    thread = threading.Thread(target=emitter.run, kwargs={"until_drained": False, "progress": watch})
    thread.start()
    emitter.put(sessions(10))
    emitter.put(sessions(10, first=10))
    assert answered.wait(10)
    emitter.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert emitter.spool.count_waiting() == 0


def test_a_refusal_ends_the_entry_and_keeps_the_reasons(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter = new_emitter()
    serve(answer=lambda event, _: "refused" if event["id"] == "s-3" else "recorded")
    emitter.put(sessions(6, subjects=2))
    end = emitter.run(patience=20)
    assert (end.total.recorded, end.total.refused, end.waiting) == (5, 1, 0)
    (refused,) = emitter.spool.answers(["s-3"])
    assert refused.content["problems"][0]["field"] == "data/kind"


def test_a_refused_id_may_be_sent_again_with_another_content(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter = new_emitter()
    serve(answer=lambda event, _: "recorded" if event["data"]["duration_minutes"] == 45 else "refused")
    (event,) = sessions(1)
    emitter.put(event)
    assert emitter.run(patience=20).total.refused == 1
    event["data"]["duration_minutes"] = 45
    assert emitter.put(event) == [Put.AGAIN]
    assert emitter.run(patience=20).total.recorded == 1
    (kept,) = emitter.spool.answers([event["id"]])
    assert kept.outcome == "recorded"


def test_an_event_asked_for_again_comes_again_as_the_same_bytes(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter, service = new_emitter(), serve()
    events = sessions(4, subjects=1)
    emitter.put(events)
    assert emitter.put(events[:2], again=True) == [Put.AGAIN, Put.AGAIN]
    end = emitter.run(patience=20)
    assert (end.total.recorded, end.total.duplicate) == (4, 2)
    assert [event["id"] for event in service.arrived] == ["s-0", "s-1", "s-2", "s-3", "s-0", "s-1"]
    assert service.arrived[0] == service.arrived[4]
    assert emitter.put(events[:1], again=True) == [Put.AGAIN]
    assert emitter.run(patience=20).total.duplicate == 1


def test_a_parked_event_waits_no_longer_and_is_answered_in_the_end(
    new_emitter: NewEmitter, serve: Serve, sessions: Events
) -> None:
    emitter = new_emitter()
    service = serve(answer=lambda *_: "parked")
    events = sessions(2, subjects=1)
    emitter.put(events)
    assert emitter.run(patience=20).total.parked == 2
    # An operator has the service try again: its receipts come unasked.
    recorded = threading.Event()

    def watch(progress: Any) -> None:
        if progress.total.stray == 2:
            recorded.set()

    thread = threading.Thread(target=emitter.run, kwargs={"until_drained": False, "progress": watch})
    thread.start()
    service.answer_unasked(service.arrived, "recorded")
    assert recorded.wait(10)
    emitter.stop()
    thread.join(10)
    assert {receipt.outcome for receipt in emitter.spool.answers(["s-0", "s-1"])} == {"recorded"}
    assert emitter.put(events) == [Put.KNOWN, Put.KNOWN]


def test_many_emitters_run_in_one_thread(new_emitter: NewEmitter, serve: Serve, sessions: Events) -> None:
    names = tuple(f"cpas-{n}" for n in range(12))
    emitters = [new_emitter(name) for name in names]
    service = serve(emitters=names)
    for name, emitter in zip(names, emitters, strict=True):
        emitter.put(sessions(100, emitter=name))
    end = EmitterPool(emitters).run(patience=20)
    assert {name: tally.recorded for name, tally in end.by_emitter.items()} == dict.fromkeys(names, 100)
    order = order_by_subject(service.first_arrivals())
    assert all(numbers == sorted(numbers) for numbers in order.values())
