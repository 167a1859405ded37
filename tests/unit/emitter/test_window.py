"""The order of emission holds whatever the broker and the services do, in whatever order they do it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miriam_emitter.spool import Waiting
from miriam_emitter.window import Flight, Window


def entry(position: int, subject: str = "a", service: str = "sessions") -> Waiting:
    return Waiting(position, f"e-{position}", subject, service, "key", b"")


class Wire:
    """Publishes what the window gives, and remembers it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.tag = 0
        self.published: list[str] = []
        self.tags: dict[int, str] = {}

    def pump(self, now: float = 0.0) -> list[str]:
        sent = []
        for flight in self.window.take(now):
            self.tag += 1
            self.window.sent(flight, self.tag, now)
            self.tags[self.tag] = flight.entry.id
            sent.append(flight.entry.id)
        self.published += sent
        return sent

    def reconnect(self) -> None:
        self.window.disconnected()
        self.tag = 0
        self.tags.clear()


def wire(size: int = 10, timeout: float = 30.0) -> Wire:
    return Wire(Window(size, timeout))


def test_the_next_of_a_subject_leaves_when_the_one_before_is_answered() -> None:
    line = wire()
    line.window.offer([entry(1), entry(2), entry(3, "b")])
    assert line.pump() == ["e-1", "e-3"]
    line.window.confirmed(1, False)
    assert line.pump() == []
    assert line.window.answered("e-1")
    assert line.pump() == ["e-2"]


def test_no_more_are_on_their_way_than_the_window_holds() -> None:
    line = wire(size=10)
    line.window.offer(entry(n, f"s{n}", service) for n, service in enumerate(["intake", "sessions", "groups"] * 10))
    assert len(line.pump()) == 10
    assert line.window.in_flight == 10
    assert line.window.ahead == 20


def test_one_service_takes_two_fifths_of_the_window_at_most() -> None:
    line = wire(size=10)
    line.window.offer(entry(n, f"s{n}") for n in range(20))
    line.window.offer([entry(20, "t", "groups")])
    assert line.pump() == ["e-0", "e-1", "e-2", "e-3", "e-20"]


def test_a_nacked_entry_goes_first_again_after_a_pause() -> None:
    line = wire()
    line.window.offer([entry(1), entry(2), entry(3, "b")])
    line.pump(now=0)
    line.window.nacked(1, False, now=0)
    line.window.confirmed(2, False)
    assert line.pump(now=0.01) == []
    assert line.pump(now=0.1) == ["e-1"]


def test_after_a_nack_the_door_opens_one_by_one_and_then_wide() -> None:
    line = wire(size=100)
    line.window.offer(entry(n, f"s{n}") for n in range(40))
    assert len(line.pump()) == 40
    line.window.nacked(40, True, now=0)
    assert len(line.pump(now=1)) == 1
    line.window.confirmed(41, False)
    assert len(line.pump(now=1)) == 2
    line.window.confirmed(43, True)
    assert len(line.pump(now=1)) == 8


def test_the_pauses_of_a_door_that_stays_shut_grow_to_seconds() -> None:
    line, now, pauses = wire(), 0.0, []
    line.window.offer([entry(1)])
    for _ in range(12):
        line.pump(now)
        line.window.nacked(line.tag, False, now)
        begun = now
        while not line.pump(now):
            now += 0.05
        pauses.append(now - begun)
    assert pauses[0] < 0.2
    assert 4 < pauses[-1] < 6


def test_what_is_not_answered_in_time_is_sent_again_after_ever_longer() -> None:
    line = wire(timeout=30)
    line.window.offer([entry(1)])
    line.pump(now=0)
    line.window.confirmed(1, False)
    assert line.window.expire(29) == 0
    assert line.window.expire(30) == 1
    assert line.pump(now=30) == ["e-1"]
    assert line.window.expire(89) == 0
    assert line.window.expire(90) == 1


def test_over_a_link_that_tells_every_end_nothing_is_sent_again_before_it_is_told() -> None:
    line = Wire(Window(10, 30, ordered=True))
    line.window.offer([entry(1), entry(2, "b")])
    line.pump(now=0)
    line.window.confirmed(1, False)
    assert line.window.expire(31) == 1, "confirmed, and its receipt was not believed"
    assert line.pump(now=31) == ["e-1"]
    assert line.window.expire(10_000) == 0
    line.window.confirmed(3, False)
    line.window.nacked(2, False, now=10_000, pause=60)
    assert line.pump(now=10_059) == []
    assert line.pump(now=10_060) == ["e-2"]


def test_an_answer_to_an_earlier_sending_ends_the_wait() -> None:
    line = wire(timeout=30)
    line.window.offer([entry(1), entry(2)])
    line.pump(now=0)
    line.window.expire(30)
    assert line.window.answered("e-1")
    assert line.pump(now=30) == ["e-2"]
    assert not line.window.answered("e-1")


def test_a_lost_connection_has_the_unconfirmed_sent_again_and_the_confirmed_wait() -> None:
    line = wire(timeout=30)
    line.window.offer([entry(1, "a"), entry(2, "b"), entry(3, "b")])
    line.pump(now=0)
    line.window.confirmed(1, False)
    line.reconnect()
    assert line.pump(now=1) == ["e-2"]
    assert line.window.expire(30) == 1
    assert line.pump(now=30) == ["e-1"]


def test_an_entry_taken_but_never_published_is_not_forgotten() -> None:
    window = Window(10, 30)
    window.offer([entry(1)])
    taken = window.take(0)
    assert isinstance(next(taken), Flight)
    taken.close()
    window.disconnected()
    assert [flight.entry.id for flight in window.take(0)] == ["e-1"]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["pump", "confirm", "nack", "record", "expire", "disconnect", "offer"]), st.integers(0, 50)
    ),
    max_size=80,
)


@settings(max_examples=300, deadline=None)
@given(actions=ACTIONS, subjects=st.integers(1, 4))
def test_first_recordings_follow_the_order_of_emission_whatever_happens(actions: Any, subjects: int) -> None:
    """A service is a first-in, first-out queue that records what it sees first; here it loses answers at will."""
    line = wire(size=8, timeout=5)
    services = ("intake", "sessions", "groups")
    position, now = 0, 0.0
    inbox: list[str] = []
    recorded: list[str] = []
    known: dict[str, str] = {}

    def step(action: str, number: int) -> None:
        nonlocal position, now
        now += 0.5
        if action == "offer":
            for _ in range(number % 5 + 1):
                position += 1
                line.window.offer([entry(position, f"s{position % subjects}", services[number % 3])])
                known[f"e-{position}"] = f"s{position % subjects}"
        elif action == "pump":
            line.pump(now)
        elif action in ("confirm", "nack") and line.tags:
            tag = sorted(line.tags)[number % len(line.tags)]
            covered = [t for t in sorted(line.tags) if t <= tag] if number % 2 else [tag]
            taken = [line.tags.pop(t) for t in covered]
            if action == "confirm":
                inbox.extend(taken)
                line.window.confirmed(tag, bool(number % 2))
            else:
                line.window.nacked(tag, bool(number % 2), now)
        elif action == "record" and inbox:
            id_ = inbox.pop(0)
            if id_ not in recorded:
                recorded.append(id_)
            if number % 4:
                line.window.answered(id_)
        elif action == "expire":
            now += number
            line.window.expire(now)
        elif action == "disconnect":
            # What was on the wire may have arrived all the same.
            if number % 2:
                inbox.extend(line.tags[tag] for tag in sorted(line.tags))
            line.reconnect()
        assert line.window.in_flight <= 8

    for action, number in actions:
        step(action, number)
    for _ in range(2000):
        if not (line.window.in_flight or line.window.ahead):
            break
        for action, number in (("expire", 700), ("pump", 0), *[("confirm", 49)] * 3, *[("record", 1)] * 30):
            step(action, number)
    assert (line.window.in_flight, line.window.ahead) == (0, 0), "something was forgotten"
    by_subject = defaultdict(list)
    for id_ in recorded:
        by_subject[known[id_]].append(int(id_.removeprefix("e-")))
    assert all(numbers == sorted(numbers) for numbers in by_subject.values())
    assert len(recorded) == position


class Batches:
    """A link that keeps the order, and services behind it that settle a batch event by event, and fail as told."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.tag = 0
        self.outbox: dict[str, list[tuple[int, Waiting]]] = defaultdict(list)
        self.busy: dict[str, list[tuple[int, Waiting]]] = {}
        self.recorded: list[str] = []

    def pump(self, now: float) -> None:
        for flight in self.window.take(now):
            self.tag += 1
            self.window.sent(flight, self.tag, now)
            self.outbox[flight.entry.service].append((self.tag, flight.entry))

    def post(self, service: str, most: int) -> None:
        if service not in self.busy and self.outbox[service]:
            self.busy[service] = self.outbox[service][:most]
            self.outbox[service] = self.outbox[service][most:]

    def settle(self, service: str, fails: int) -> list[tuple[int, Waiting]]:
        """What the service settles: of a subject whose event fails, nothing that follows in the batch."""
        batch = self.busy.pop(service, [])
        failed: set[str] = set()
        settled = []
        for place, (tag, each) in enumerate(batch):
            if each.subject in failed or place == fails:
                failed.add(each.subject)
                continue
            settled.append((tag, each))
            if each.id not in self.recorded:
                self.recorded.append(each.id)
        return settled

    def answer(self, service: str, fails: int, lost: bool, now: float) -> None:
        batch = list(self.busy.get(service, []))
        settled = self.settle(service, fails)
        heard = [] if lost else settled
        for tag, each in heard:
            self.window.confirmed(tag, False)
            self.window.answered(each.id)
        rest = [tag for tag, each in batch if (tag, each) not in heard]
        if rest:
            rest += [tag for tag, _ in self.outbox.pop(service, [])]
        for tag in rest:
            self.window.nacked(tag, False, now)

    def disconnect(self, arrives: int) -> None:
        for service in list(self.busy):
            self.settle(service, arrives)
        self.outbox.clear()
        self.tag = 0
        self.window.disconnected()


@settings(max_examples=300, deadline=None)
@given(
    actions=st.lists(
        st.tuples(
            st.sampled_from(["pump", "post", "answer", "fail", "lose", "disconnect", "offer", "wait"]),
            st.integers(0, 50),
        ),
        max_size=100,
    ),
    subjects=st.integers(1, 3),
)
def test_over_a_link_that_keeps_the_order_several_of_a_subject_go_together_and_the_order_holds(
    actions: Any, subjects: int
) -> None:
    link = Batches(Window(20, 5, ordered=True))
    services = ("intake", "sessions", "groups")
    position, now = 0, 0.0
    known: dict[str, str] = {}

    def step(action: str, number: int) -> None:
        nonlocal position, now
        now += 0.02
        service = services[number % 3]
        if action == "offer":
            for _ in range(number % 9 + 1):
                position += 1
                link.window.offer([entry(position, f"s{position % subjects}", services[number // 9 % 3])])
                known[f"e-{position}"] = f"s{position % subjects}"
        elif action == "pump":
            link.pump(now)
        elif action == "post":
            link.post(service, number % 5 + 1)
        elif action == "answer":
            link.answer(service, -1, False, now)
        elif action == "fail":
            link.answer(service, number % 4, False, now)
        elif action == "lose":
            link.answer(service, number % 4, True, now)
        elif action == "disconnect":
            link.disconnect(number % 6)
        else:
            now += number
            link.window.expire(now)
        assert link.window.in_flight <= 20

    for action, number in actions:
        step(action, number)
    for _ in range(3000):
        if not (link.window.in_flight or link.window.ahead):
            break
        for action, number in (("wait", 6), ("pump", 0), *[("post", n) for n in (48, 49, 50)]):
            step(action, number)
        for number in range(3):
            step("answer", number)
    assert (link.window.in_flight, link.window.ahead) == (0, 0), "something was forgotten"
    by_subject = defaultdict(list)
    for id_ in link.recorded:
        by_subject[known[id_]].append(int(id_.removeprefix("e-")))
    assert all(numbers == sorted(numbers) for numbers in by_subject.values())
    assert len(link.recorded) == position


def test_several_of_a_subject_go_together_to_one_service_and_none_to_another_meanwhile() -> None:
    line = Wire(Window(20, 30, ordered=True))
    line.window.offer([entry(1), entry(2), entry(3, service="groups"), entry(4)])
    assert line.pump() == ["e-1", "e-2"]
    assert line.window.answered("e-1")
    assert line.pump() == []
    assert line.window.answered("e-2")
    assert line.pump() == ["e-3"]


def test_what_is_nacked_again_still_goes_before_what_follows_it() -> None:
    line = Wire(Window(20, 30, ordered=True))
    line.window.offer(entry(number) for number in range(1, 5))
    assert line.pump(now=0) == ["e-1", "e-2", "e-3", "e-4"]
    for tag in (1, 2, 3, 4):
        line.window.nacked(tag, False, now=0)
    for now in (10, 20, 30):
        assert line.pump(now) == ["e-1"]
        line.window.nacked(line.tag, False, now)
    assert line.pump(now=40) == ["e-1"]
    line.window.confirmed(line.tag, False)
    assert line.pump(now=40) == ["e-2", "e-3"]


@pytest.mark.parametrize("count", [5000])
def test_choosing_costs_little_with_thousands_waiting(count: int) -> None:
    line = wire(size=1000)
    line.window.offer(entry(n, f"s{n % 50}") for n in range(count))
    answered = 0
    while answered < count:
        line.pump()
        line.window.confirmed(line.tag, True)
        for id_ in list(line.tags.values()):
            assert line.window.answered(id_)
            answered += 1
        line.tags.clear()
    assert len(line.published) == count
