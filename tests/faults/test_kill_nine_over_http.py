"""`kill -9` behind and in front of the HTTP doors while six CPAS emit a year: the emitter makes good what was cut off.

The same spools then send over AMQP: over what an event goes is a setting, and nothing else.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from emission import Emission, Receipts, receipts, to_be_recorded, unforeseen
from running_platform import Leaf, RunningPlatform

from miriam_simulator.diary import Diary
from miriam_simulator.scenarios import scenario

EDITION = "3.0"
SEED = 20_261_128
KILLED = ("front", "intake", "sessions", "groups", "postgres")
RECOVERY = 60.0


@dataclass(frozen=True)
class Survived:
    """What the emitters keep, and the ledger."""

    diaries: list[Diary]
    receipts: Receipts
    leaves: list[Leaf]


@pytest.fixture(scope="module")
def survived(platform: RunningPlatform) -> Survived:
    whole = scenario(EDITION)
    for kind, emitter in whole.emitters():
        platform.miriam("cpas", "add", "--kind", kind, emitter)
    with Emission(platform.home, whole, over="http") as emission:
        first, second = emission.waves()
        size = len(first) // len(KILLED) + 1
        for number, program in enumerate(random.Random(SEED).sample(KILLED, len(KILLED))):
            part = first[number * size : (number + 1) * size]
            before = emission.waiting()
            emission.put(part)
            # When some of it, not all, is answered.
            assert emission.wait_until_waiting(before + len(part) * 2 // 3, RECOVERY), f"before {program} was killed"
            platform.kill(program)
        assert emission.wait_until_waiting(0, RECOVERY), f"{emission.waiting()} without receipt"
    with Emission(platform.home, whole, over="amqp") as emission:
        emission.put(second)
        assert emission.wait_until_waiting(0, RECOVERY), f"{emission.waiting()} without receipt over AMQP"
    platform.settle()
    return Survived(emission.diaries, receipts(platform.home, emission.diaries), platform.leaves())


def test_every_emission_over_http_has_the_answer_that_the_scenario_foresees(survived: Survived) -> None:
    assert unforeseen(survived.diaries, survived.receipts) == []


def test_each_event_is_in_the_ledger_once_in_the_order_of_its_subject(survived: Survived) -> None:
    expected = Counter(event for ids in to_be_recorded(survived.diaries).values() for event in ids)
    assert Counter(leaf.event["id"] for leaf in survived.leaves) == expected
    place = {leaf.event["id"]: leaf.sequence for leaf in survived.leaves}
    for ids in to_be_recorded(survived.diaries).values():
        numbers = [place[event] for event in ids]
        assert numbers == sorted(numbers)
