"""Through nacks, kills, refusals and repetitions, each subject is recorded in the order of emission, each once."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, zip_longest
from typing import Any

import pytest
from attacker import Attacker
from running_platform import RunningPlatform

from miriam_emitter import Emitter, Progress, Settings
from miriam_local.processes import wait_until

CPAS = "anderlecht"
WOMEN = 150
GOALS = 5
# So few messages wait in the inbox at a time: the broker takes one and refuses the next, over and over.
CAP = 1
KILLED = ("sessions", "rabbitmq", "sessions", "postgres", "rabbitmq", "sessions-relay")
# An emitter that sends again what is not answered would hide a loss.
NEVER = 600.0
RECOVERY = 90.0


@dataclass(frozen=True)
class Emission:
    """An event, and whether it must be recorded; else it must be refused."""

    event: dict[str, Any]
    good: bool


def goal(woman: int, number: int, fact: str, **data: Any) -> dict[str, Any]:
    subject = f"{CPAS}:order-{woman}"
    return {
        "type": f"miriam.goal.{fact}.v1",
        "id": f"order-{woman}-{number}-{fact}",
        "subject": subject,
        "time": "2023-10-02T14:05:00Z",
        "data": {
            "project": "spp-is:2023-anderlecht-1",
            "participation": subject,
            "goal": f"{CPAS}:order-{woman}-{number}",
            "occurred_on": "2023-10-02",
            **data,
        },
    }


def life(woman: int) -> Iterator[Emission]:
    """A woman's goals, each set, then progressed, then reached: none of these stands without the one before it.

    Between them what is refused: a code that nobody knows, and a goal that was never set.
    """
    for number in range(GOALS):
        yield Emission(goal(woman, number, "set", domain="housing"), True)
        if number % 3 == 0:
            yield Emission(goal(woman, 900 + number, "set", domain="no such domain"), False)
        yield Emission(goal(woman, number, "progressed", percent=40), True)
        if number % 4 == 0:
            yield Emission(goal(woman, 950 + number, "reached", evidence="document"), False)
        yield Emission(goal(woman, number, "reached", evidence="document"), True)


@dataclass
class Sent:
    """What the emitter was given, in order, and how it ended."""

    emissions: list[Emission]
    end: Progress
    outcomes: dict[str, str]
    # How many events there were before.
    before: int


@contextmanager
def capped(platform: RunningPlatform) -> Iterator[None]:
    """The inbox of the CPAS takes a few messages at a time, by a policy above ours."""
    broker = platform.deployment.broker
    policy = {
        "pattern": rf"^sessions\.inbox\.{CPAS}$", "apply-to": "queues", "priority": 10,
        "definition": {"max-length": CAP, "overflow": "reject-publish"},
    }  # fmt: skip
    broker.api.put("policies", broker.vhost, "tiny", body=policy)
    try:
        yield
    finally:
        broker.api.delete("policies", broker.vhost, "tiny")


@pytest.fixture(scope="module")
def sent(platform: RunningPlatform) -> Sent:
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    platform.miriam("cpas", "add", CPAS)
    before = platform.recorded()["sessions"]
    # By turns, as they happen: one woman after the other would leave nothing of one subject to be overtaken.
    together = zip_longest(*(life(woman) for woman in range(WOMEN)))
    emissions = [each for each in chain.from_iterable(together) if each is not None]
    settings = replace(Settings.load(CPAS, home=platform.home), timeout=NEVER, longest_pause=2.0)
    ends: list[Progress] = []
    with Emitter(settings) as emitter, capped(platform):
        emitter.put([each.event for each in emissions])
        thread = threading.Thread(target=lambda: ends.append(emitter.run(patience=2 * RECOVERY)))
        thread.start()
        attacker = Attacker(platform, CPAS)
        for place, program in enumerate(KILLED, 1):
            left = len(emissions) * (len(KILLED) + 1 - place) // (len(KILLED) + 1)
            kill_amid(platform, emitter, program, left)
            # And what was sent before comes once more, past the spool, as from a second connection.
            assert wait_until(partial(sent_again, attacker, emissions[place].event), RECOVERY, 0.2), program
        thread.join(2 * RECOVERY)
        assert ends, "the emitter did not end"
        answers = {each.id: each.outcome for each in emitter.spool.answers(each.event["id"] for each in emissions)}
    return Sent(emissions, ends[0], answers, before)


def kill_amid(platform: RunningPlatform, emitter: Emitter, program: str, left: int) -> None:
    """Kill a program once no more than so many have no receipt."""
    assert wait_until(lambda: emitter.spool.count_waiting() <= left, RECOVERY, 0.02), f"before {program} was killed"
    platform.kill(program)


def sent_again(attacker: Attacker, event: dict[str, Any]) -> bool:
    """Whether the broker took it."""
    try:
        attacker.publish({"specversion": "1.0", "source": f"/cpas/{CPAS}", **event})
    except Exception as problem:  # away, or full
        logging.info("not taken: %s", type(problem).__name__)
        return False
    return True


def test_the_way_was_a_hard_one(sent: Sent) -> None:
    assert sent.end.total.nacked > 10
    assert sent.end.total.connections > Counter(KILLED)["rabbitmq"]


def test_every_event_has_the_answer_that_it_deserves(sent: Sent) -> None:
    assert sent.end.waiting == 0
    told = {each.event["id"]: sent.outcomes.get(each.event["id"], "none") for each in sent.emissions}
    wrong = {
        each.event["id"]: told[each.event["id"]]
        for each in sent.emissions
        if (told[each.event["id"]] in ("recorded", "duplicate")) != each.good
    }
    assert wrong == {}


def test_what_is_recorded_of_a_subject_stands_in_the_order_of_emission_each_once(
    platform: RunningPlatform, sent: Sent
) -> None:
    expected: dict[str, list[str]] = {}
    for each in sent.emissions:
        if each.good:
            expected.setdefault(each.event["subject"], []).append(each.event["id"])
    rows = platform.ask(
        "sessions",
        "select body::jsonb ->> 'subject', origin_id from event_store.event where sequence > %s order by sequence",
        sent.before,
    )
    found: dict[str, list[str]] = {}
    for subject, event_id in rows:
        found.setdefault(subject, []).append(event_id)
    assert found == expected
    # And so it stands in the ledger.
    platform.settle()
    in_ledger: dict[str, list[str]] = {}
    for leaf in platform.leaves():
        if leaf.source != "sessions" or leaf.sequence <= sent.before:
            continue
        in_ledger.setdefault(leaf.event["subject"], []).append(leaf.event["originid"])
    assert in_ledger == expected
