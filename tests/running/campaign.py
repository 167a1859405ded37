"""Shots at the door of a running platform, block by block; after each block everything that must hold is looked at.

What breaks a promise ends the campaign with a Broken, which holds the shots of the block: written down, they can be
shot again at another platform.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from attacker import INBOX, Attacker
from carriers import properties
from running_platform import RunningPlatform
from shooting import Shot
from watching import Trouble, Watch

from miriam_platform.amqp import Link, Unconfirmed

BLOCK = 2_000
WINDOW = 400
# A block takes a second or two; on a busy machine more.
SECONDS = 120.0


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
    sent: int = 0

    def __post_init__(self) -> None:
        self._doors = {a.id: Door(a) for a in self.emitters.values()}
        self.watch = Watch(self.platform)

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
        self._tell(self.watch.ledger(), [])

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
                wrong = self.watch.receipt(receipt, f"/{door.attacker.kind}/{door.attacker.id}")
                self._hold(not wrong, wrong, block)
            door.heard.clear()
        self._tell(self.watch.look(), block)

    @staticmethod
    def _tell(trouble: Trouble | None, block: list[Shot]) -> None:
        if trouble is not None:
            guilty = [shot for shot in block if trouble.event_id and trouble.event_id.encode() in shot.body]
            raise Broken(trouble.what, guilty or block)

    @staticmethod
    def _hold(true: bool, what: str, block: list[Shot]) -> None:
        if not true:
            raise Broken(what, block)
