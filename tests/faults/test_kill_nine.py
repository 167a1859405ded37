"""`kill -9` of every program in turn while six CPAS emit a year: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from emission import Emission, Receipts, receipts, to_be_recorded, unforeseen
from running_platform import Leaf, RunningPlatform

import miriam_verify
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_local.processes import wait_until
from miriam_simulator.diary import Diary, Item
from miriam_simulator.recorded import leaves as leaves_without_doors
from miriam_simulator.scenarios import Scenario, scenario
from miriam_transparency.merkle import verify_consistency
from miriam_transparency.notes import Checkpoint, Note
from miriam_transparency.proofs import hash_of

EDITION = "3.0"
SEED = 20_260_101
ROUNDS = 2
EVERY_PROGRAM = {
    "postgres", "rabbitmq", "intake", "sessions", "groups", "reporting",
    "intake-relay", "sessions-relay", "groups-relay", "reporting-projector",
    "reporting-checkpoint", "reporting-pages", "authority-witness", "front",
}  # fmt: skip
# How long one death may hold up all the others: RabbitMQ takes longest to come back.
RECOVERY = 60.0


@dataclass(frozen=True)
class Survived:
    """A platform after it was killed piece by piece, and what is left of the scenario there."""

    scenario: Scenario
    diaries: list[Diary]
    killed: list[str]
    receipts: Receipts
    head: dict[str, Any]
    leaves: list[Leaf]


@pytest.fixture(scope="module")
def survived(platform: RunningPlatform) -> Survived:
    whole = scenario(EDITION)
    for kind, emitter in whole.emitters():
        platform.miriam("cpas", "add", "--kind", kind, emitter)
    assert set(platform.programs()) == EVERY_PROGRAM
    killed: list[str] = []
    with Emission(platform.home, whole) as emission:
        first, second = emission.waves()
        *parts, last = shares(first, ROUNDS * len(EVERY_PROGRAM) + 1)
        for part, program in zip(parts, order(), strict=True):
            kill_amid(platform, emission, part, [program])
            killed.append(program)
        # And then all of them at a stroke, as when the machine is switched off.
        kill_amid(platform, emission, last, sorted(EVERY_PROGRAM))
        assert emission.wait_until_waiting(0, RECOVERY), f"{emission.waiting()} without receipt after {killed}"
        emission.put(second)
        assert emission.wait_until_waiting(0, RECOVERY), f"{emission.waiting()} without receipt after the close"
    head = platform.settle()
    diaries = emission.diaries
    return Survived(whole, diaries, killed, receipts(platform.home, diaries), head, platform.leaves())


def order() -> Iterator[str]:
    """Every program once a round, in an order of the round's own."""
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        yield from chance.sample(sorted(EVERY_PROGRAM), len(EVERY_PROGRAM))


def shares(items: list[tuple[str, Item]], number: int) -> Iterator[list[tuple[str, Item]]]:
    """Cut into so many parts of about one length, in order."""
    cuts = [len(items) * each // number for each in range(number + 1)]
    for start, end in pairwise(cuts):
        yield items[start:end]


def kill_amid(platform: RunningPlatform, emission: Emission, part: list[tuple[str, Item]], programs: list[str]) -> None:
    """Send a part, and kill the programs when some of it, not all, is answered."""
    before = emission.waiting()
    emission.put(part)
    enough = before + len(part) * 2 // 3
    assert emission.wait_until_waiting(enough, RECOVERY), (
        f"{emission.waiting()} wait for a receipt, not {enough}, before {programs} was killed"
    )
    for program in programs:
        platform.kill(program)


def test_every_emission_has_the_answer_that_the_scenario_foresees(survived: Survived) -> None:
    assert Counter(survived.killed) == dict.fromkeys(EVERY_PROGRAM, ROUNDS)
    assert unforeseen(survived.diaries, survived.receipts) == []


def test_what_a_receipt_names_is_in_the_ledger_once_with_its_number_and_hash(survived: Survived) -> None:
    held = Counter((leaf.event["id"], leaf.source, leaf.sequence, leaf.hash) for leaf in survived.leaves)
    named = Counter(
        (event["id"], receipt["service"], event["sequence"], event["leaf"])
        for receipt in survived.receipts.values()
        for event in receipt.get("events", ())
    )
    assert named == held


def test_what_was_signed_between_the_kills_is_one_history_that_the_witness_followed(
    platform: RunningPlatform, survived: Survived
) -> None:
    # The newest head was signed only if it continues the one before, and cosigned only if it continues what was seen.
    def cosigned() -> bool:
        told = platform.miriam("audit", "checkpoint")
        return bool(told["size"] == survived.head["position"] and told["cosigned_by"] and not told["problems"])

    assert wait_until(cosigned, 20)
    heads = platform.ask("reporting", "select size, note from ledger.checkpoint order by size")
    assert len(heads) > ROUNDS * len(EVERY_PROGRAM)
    for old, new in pairwise(heads):
        proof = platform.get("reporting", f"/v1/ledger/consistency?old={old[0]}&new={new[0]}")["proof"]
        earlier, later = (Checkpoint.parse(Note.parse(note).text) for _, note in (old, new))
        path = [hash_of(each) for each in proof]
        verify_consistency(earlier.size, earlier.root, later.size, later.root, path)


def test_the_ledger_holds_what_the_scenario_leads_to_and_nothing_twice(survived: Survived) -> None:
    expected = Counter(event for ids in to_be_recorded(survived.diaries).values() for event in ids)
    assert Counter(leaf.event["id"] for leaf in survived.leaves) == expected


def test_every_sequence_is_without_a_hole(platform: RunningPlatform, survived: Survived) -> None:
    for service, last in platform.recorded().items():
        assert [leaf.sequence for leaf in survived.leaves if leaf.source == service] == list(range(1, last + 1))
    assert [leaf.position for leaf in survived.leaves] == list(range(1, len(survived.leaves) + 1))
    assert survived.head["alarms"] == 0
    # Nor was there ever one that the owner had to fill: what a service published, the broker brought.
    assert platform.ask("reporting", "select * from ledger.gap") == []


def test_each_subject_stands_in_the_order_of_emission(survived: Survived) -> None:
    found: dict[tuple[str, str, str], list[str]] = {}
    for leaf in survived.leaves:
        event = leaf.event
        found.setdefault((leaf.source, event["origin"], event["subject"]), []).append(event["id"])
    assert found == to_be_recorded(survived.diaries)


def test_no_event_was_taken_for_a_bad_one(platform: RunningPlatform, survived: Survived) -> None:
    for service in RECORDING_SERVICES:
        assert platform.ask(service, "select count(*) from door.parked") == [(0,)]
        assert platform.ask(service, "select count(*) from door.attempt") == [(0,)]


def test_figures_at_every_level_are_those_of_a_year_that_nothing_disturbed(
    platform: RunningPlatform, survived: Survived
) -> None:
    # tests/end_to_end holds an undisturbed platform to the same figures.
    leaves = list(leaves_without_doors(survived.scenario))
    for level in ("region", "cpas", "project"):
        assert platform.figures(EDITION, level) == miriam_verify.figures(leaves, EDITION, levels=("total", level))
