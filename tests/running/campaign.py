"""Shots at the door of a running platform, block by block; after each block everything that must hold is looked at.

What breaks a promise ends the campaign with a Broken, which holds the shots of the block: written down, they can be
shot again at another platform.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from attacker import INBOX, Attacker
from carriers import properties
from running_platform import RunningPlatform
from shooting import Shot

from miriam_contracts.canonical import canonical, leaf_hash
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES, added_fields
from miriam_contracts.envelope import personal_of
from miriam_contracts.problems import LANGUAGES, rules
from miriam_emitter.keys import PublicKeys
from miriam_emitter.receipts import Unverified, verify
from miriam_local.processes import read_mark
from miriam_platform.amqp import Link, Unconfirmed

BLOCK = 2_000
WINDOW = 400
# A block takes a second or two; on a busy machine more.
SECONDS = 120.0
OUTCOMES = frozenset({"recorded", "duplicate", "refused"})
# Where a problem lies: a path of names and numbers, never a sentence or a value.
FIELD = re.compile(r"[A-Za-z0-9_.:-]{0,64}(/[A-Za-z0-9_.:-]{0,64}){0,12}")
# The most that one process of ours may hold.
MOST_MEMORY = 1024 * 1024 * 1024


class Broken(AssertionError):
    """A promise that was broken: which, and by which shots."""

    def __init__(self, what: str, shots: Iterable[Shot]) -> None:
        super().__init__(what)
        self.shots = list(shots)


@dataclass
class Door:
    """One emitter's connection: what it sends, and every receipt that it hears."""

    attacker: Attacker
    heard: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.link = Link(self.attacker.credentials["amqp_url"], "campaign").open()
        self.out = Unconfirmed(self.link)
        channel = self.link.channel()
        channel.basic_consume(f"cpas.receipts.{self.attacker.id}", self._on_receipts, auto_ack=True)
        # What was answered to others' shots before is none of ours.
        end = time.monotonic() + 0.3
        while (left := end - time.monotonic()) > 0:
            self.link.turn(left)
        self.heard.clear()

    def _on_receipts(self, _channel: object, _method: object, _properties: object, body: bytes) -> None:
        self.heard += json.loads(body)


@dataclass
class Campaign:
    """One campaign against a platform. `run` shoots, `finish` looks at the whole once more."""

    platform: RunningPlatform
    emitters: Mapping[str, Attacker]
    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    sent: int = 0

    def __post_init__(self) -> None:
        self._doors = {a.id: Door(a) for a in self.emitters.values()}
        self._pids = self._processes()
        self._troubles = self._counted()
        self._read = dict.fromkeys(RECORDING_SERVICES, 0)
        self._keys = PublicKeys(self.platform.places.public_keys)
        self._rules = rules()
        self.memory: dict[str, int] = {}

    def close(self) -> None:
        """Disconnect."""
        for door in self._doors.values():
            door.link.close()

    def run(self, shots: Iterable[Shot], many: int, told: Callable[[int], None] = lambda _: None) -> None:
        """Shoot so many. `told` hears how many more are done. Raises Broken."""
        source = iter(shots)
        while many > 0 and (block := list(islice(source, min(BLOCK, many)))):
            self._shoot(block)
            self._look(block)
            self.sent += len(block)
            many -= len(block)
            told(len(block))

    def finish(self) -> None:
        """No receipt came twice, and all that was recorded is in the ledger as it is. Raises Broken."""
        self._turn(0.5)
        late = {name: len(door.heard) for name, door in self._doors.items() if door.heard}
        self._hold(not late, f"receipts for nothing: {late}", [])
        self.platform.settle(300)
        leaves = {(leaf.source, leaf.sequence): leaf.hash for leaf in self.platform.leaves()}
        for service in RECORDING_SERVICES:
            for sequence, body in self.platform.ask(service, "select sequence, body from event_store.event"):
                same = leaves.pop((service, sequence), "") == leaf_hash(body.encode()).hex()
                self._hold(same, f"{service} {sequence} stands otherwise in the ledger", [])
        alarms = self.platform.ask("reporting", "select count(*) from ledger.alarm")
        self._hold(alarms == [(0,)], f"alarms of the ledger: {alarms}", [])

    def _shoot(self, block: list[Shot]) -> None:
        by_mark = {str(number): shot for number, shot in enumerate(block)}
        wanted = Counter[str]()
        for mark, shot in by_mark.items():
            wanted[shot.emitter.id] += shot.answers
            self._publish(mark, shot)
            while sum(len(door.out) for door in self._doors.values()) > WINDOW:
                self._turn(0.01, by_mark)
        end = time.monotonic() + SECONDS
        while any(len(self._doors[name].heard) < number for name, number in wanted.items()):
            missing = {name: number - len(self._doors[name].heard) for name, number in wanted.items()}
            self._hold(time.monotonic() < end, f"without answer after {SECONDS:g} s: {missing}", block)
            self._turn(0.01, by_mark)
        for name, door in self._doors.items():
            self._hold(len(door.heard) == wanted[name], f"{name}: {len(door.heard)} receipts for {wanted[name]}", block)

    def _publish(self, mark: str, shot: Shot) -> None:
        door = self._doors[shot.emitter.id]
        door.out.publish(INBOX, shot.key, shot.body, mark, properties(shot.emitter.user, shot.said))

    def _turn(self, seconds: float, by_mark: Mapping[str, Shot] | None = None) -> None:
        for door in self._doors.values():
            door.link.turn(seconds / len(self._doors))
            for mark in list(door.out.failed):
                # Full: it is sent again, as an emitter would.
                door.out.failed.discard(mark)
                self._publish(mark, (by_mark or {})[mark])

    def _look(self, block: list[Shot]) -> None:
        for door in self._doors.values():
            for receipt in door.heard:
                self._look_at(receipt, door.attacker, block)
            door.heard.clear()
        self._hold(self._processes() == self._pids, "a program was restarted", block)
        self._hold(self._counted() == self._troubles, f"faults of ours: {self._counted()}", block)
        for service in RECORDING_SERVICES:
            self._look_into(service, block)
        for name, pid in self._pids.items():
            self.memory[name] = resident(pid)
            self._hold(self.memory[name] < MOST_MEMORY, f"{name} holds {self.memory[name]} bytes", block)

    def _look_at(self, receipt: dict[str, Any], attacker: Attacker, block: list[Shot]) -> None:
        """A receipt is one, is signed, and tells its reasons."""
        outcome, problems = receipt["receipt"], receipt["problems"]
        self.outcomes[outcome] += 1
        self._hold(outcome in OUTCOMES, f"{outcome} is no answer", block)
        self._hold(bool(problems) == (outcome == "refused"), f"{outcome} with {len(problems)} problems", block)
        for problem in problems:
            code = problem["code"]
            self.codes[code] += 1
            self._hold(code in self._rules, f"{code} is in no catalogue", block)
            self._hold(
                set(problem["title"]) == set(LANGUAGES) and all(problem["title"].values()),
                f"{code} has no sentence in some language", block,
            )  # fmt: skip
            self._hold(FIELD.fullmatch(problem["field"]) is not None, f"{code} in {problem['field']!r}", block)
        if isinstance(receipt["id"], str):
            try:
                verify(receipt, f"/{attacker.kind}/{attacker.id}", self._keys)
            except Unverified as problem:
                raise Broken(f"a receipt that is not believed: {problem}", block) from None

    def _look_into(self, service: str, block: list[Shot]) -> None:
        """What was recorded since last time keeps its contract, and its numbers have no hole."""
        query = "select sequence, body from event_store.event where sequence > %s order by sequence"
        for sequence, body in self.platform.ask(service, query, self._read[service]):
            self._hold(sequence == self._read[service] + 1, f"{service}: {sequence} after {self._read[service]}", block)
            self._read[service] = sequence
            found = broken_contracts(body)
            event_id = json.loads(body).get("originid", "")
            guilty = [shot for shot in block if str(event_id).encode() in shot.body] or block
            self._hold(not found, f"{service} recorded what breaks its schema: {found}", guilty)

    def _processes(self) -> dict[str, int]:
        marks = {name: read_mark(self.platform.places.mark_of(name)) for name in self.platform.programs()}
        return {name: mark.pid for name, mark in marks.items() if mark is not None}

    def _counted(self) -> dict[str, tuple[int, int, int]]:
        """Of each service: parked events, counted attempts, faults of ours in its log."""
        return {
            service: (
                self.platform.ask(service, "select count(*) from door.parked")[0][0],
                self.platform.ask(service, "select count(*) from door.attempt")[0][0],
                self.platform.places.log_of(service).read_text("utf-8").count("fault of ours"),
            )
            for service in RECORDING_SERVICES
        }

    @staticmethod
    def _hold(true: bool, what: str, block: list[Shot]) -> None:
        if not true:
            raise Broken(what, block)


def broken_contracts(body: str) -> list[Any]:
    """What is wrong with an event that was recorded just now: a field, too, that only a later version could know."""
    event = json.loads(body)
    kind = EVENT_TYPES[event["type"]]
    # Without what the recorder added, it is as it was emitted.
    stated = without(event["data"], added_fields(kind.family))
    if "replacement" in stated:
        stated["replacement"] = without(stated["replacement"], added_fields(kind.family))
    found: list[Any] = [*kind.load_recorded(event["data"]), *kind.load(stated)]
    if canonical(event).decode() != body:
        found.append("not canonical")
    if personal_of(event["data"]) is not None:
        found.append("a personal block")
    return found


def without(payload: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The payload without the fields of these names."""
    left_out = set(names)
    return {name: value for name, value in payload.items() if name not in left_out}


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where it has ended."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text("ascii")
    except OSError:
        return 0
    return int(text.split()[1]) * 4096
