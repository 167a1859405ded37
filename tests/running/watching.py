"""What must hold of a running platform, whatever is sent to it: looked at again and again while it is shot at."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from running_platform import RunningPlatform

from miriam_contracts.canonical import canonical, leaf_hash
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES, added_fields
from miriam_contracts.documents.files import FOLDER
from miriam_contracts.envelope import personal_of
from miriam_contracts.problems import LANGUAGES, rules
from miriam_emitter.keys import PublicKeys
from miriam_emitter.receipts import Unverified, verify
from miriam_local.processes import read_mark

OUTCOMES = frozenset({"recorded", "duplicate", "refused"})
# Where a problem lies: a path of names and numbers, never a sentence or a value.
FIELD = re.compile(r"[A-Za-z0-9_.:-]{0,64}(/[A-Za-z0-9_.:-]{0,64}){0,12}")
# The most that one process of ours may hold.
MOST_MEMORY = 1024 * 1024 * 1024
# What a program of ours writes where it did not foresee something.
FAULTS = ("fault of ours", '"event": "failed"', "Traceback (most recent call last)")


@dataclass(frozen=True)
class Trouble:
    """What does not hold; `event_id` is the emitter's id of the event that it is about, where it is about one."""

    what: str
    event_id: str = ""


@dataclass
class Watch:
    """Watches one platform. What was wrong when it began is not found again."""

    platform: RunningPlatform
    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    memory: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pids = self._processes()
        self._troubles = self._counted()
        self._read = dict.fromkeys(RECORDING_SERVICES, 0)
        self._keys = PublicKeys(self.platform.places.public_keys)
        self._rules = rules()

    def receipt(self, receipt: dict[str, Any], source: str) -> str:
        """What is wrong with a receipt for `source`: it is signed, and a refusal tells its reasons. Empty: nothing."""
        outcome, problems = receipt["receipt"], receipt["problems"]
        self.outcomes[outcome] += 1
        if outcome not in OUTCOMES:
            return f"{outcome} is no answer"
        if bool(problems) != (outcome == "refused"):
            return f"{outcome} with {len(problems)} problems"
        for problem in problems:
            code = problem["code"]
            self.codes[code] += 1
            if code not in self._rules:
                return f"{code} is in no catalogue"
            if set(problem["title"]) != set(LANGUAGES) or not all(problem["title"].values()):
                return f"{code} has no sentence in some language"
            if FIELD.fullmatch(problem["field"]) is None:
                return f"{code} in {problem['field']!r}"
        if isinstance(receipt["id"], str):
            try:
                verify(receipt, source, self._keys)
            except Unverified as problem:
                return f"a receipt that is not believed: {problem}"
        return ""

    def look(self) -> Trouble | None:
        """The first thing that does not hold: of programs, logs, memory, and what was recorded since the last look."""
        if (now := self._processes()) != self._pids:
            return Trouble(f"restarted: {sorted(name for name in self._pids if self._pids[name] != now.get(name))}")
        if (counted := self._counted()) != self._troubles:
            changed = {name: told for name, told in counted.items() if told != self._troubles[name]}
            return Trouble(f"parked, attempts, faults of ours: {changed}")
        for service in RECORDING_SERVICES:
            if trouble := self._look_into(service):
                return trouble
        self.memory = {name: resident(pid) for name, pid in self._pids.items()}
        large = {name: size for name, size in self.memory.items() if size > MOST_MEMORY}
        return Trouble(f"too much memory, in bytes: {large}") if large else None

    def ledger(self) -> Trouble | None:
        """Once all is projected: what stands in the ledger otherwise than it was recorded, or an alarm."""
        self.platform.settle(300)
        leaves = {(leaf.source, leaf.sequence): leaf.hash for leaf in self.platform.leaves()}
        for service in RECORDING_SERVICES:
            for sequence, body in self.platform.ask(service, "select sequence, body from event_store.event"):
                if leaves.pop((service, sequence), "") != leaf_hash(body.encode()).hex():
                    return Trouble(f"{service} {sequence} stands otherwise in the ledger")
        alarms = self.platform.ask("reporting", "select count(*) from ledger.alarm")
        return None if alarms == [(0,)] else Trouble(f"alarms of the ledger: {alarms}")

    def _look_into(self, service: str) -> Trouble | None:
        """What was recorded since last time keeps its contract, and its numbers have no hole."""
        query = "select sequence, body from event_store.event where sequence > %s order by sequence"
        for sequence, body in self.platform.ask(service, query, self._read[service]):
            if sequence != self._read[service] + 1:
                return Trouble(f"{service}: {sequence} after {self._read[service]}")
            self._read[service] = sequence
            if found := broken_contracts(body):
                event_id = str(json.loads(body).get("originid", ""))
                return Trouble(f"{service} recorded what breaks its schema: {found}", event_id)
        return None

    def _processes(self) -> dict[str, int]:
        marks = {name: read_mark(self.platform.places.mark_of(name)) for name in self.platform.programs()}
        return {name: mark.pid for name, mark in marks.items() if mark is not None}

    def _counted(self) -> dict[str, tuple[int, ...]]:
        """Of each program of ours the faults in its log; of each recording service parked events and attempts, too."""
        counted: dict[str, tuple[int, ...]] = {}
        for name in self.platform.service_programs():
            log = self.platform.places.log_of(name).read_text("utf-8", errors="replace")
            counted[name] = (sum(log.count(fault) for fault in FAULTS),)
        for service in RECORDING_SERVICES:
            for table in ("door.parked", "door.attempt"):
                counted[service] += self.platform.ask(service, f"select count(*)::int from {table}")[0]
        return counted


def broken_contracts(body: str) -> list[Any]:
    """What is wrong with an event that was recorded just now: a field, too, that only a later version could know."""
    event = json.loads(body)
    kind = EVENT_TYPES[event["type"]]
    # Without what the recorder added, it is as it was emitted.
    stated = without(event["data"], added_fields(kind.family))
    if "replacement" in stated:
        stated["replacement"] = without(stated["replacement"], added_fields(kind.family))
    found: list[Any] = [*kind.load_recorded(event["data"]), *kind.load(stated)]
    found += [f"{error.json_path}: {error.message[:200]}" for error in _schema_of(event["type"]).iter_errors(event)]
    if canonical(event).decode() != body:
        found.append("not canonical")
    if personal_of(event["data"]) is not None:
        found.append("a personal block")
    return found


def without(payload: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The payload without the fields of these names."""
    left_out = set(names)
    return {name: value for name, value in payload.items() if name not in left_out}


@cache
def _schema_of(event_type: str) -> Draft202012Validator:
    file = FOLDER / "schemas" / "recorded" / f"{event_type}.json"
    return Draft202012Validator(json.loads(file.read_text("utf-8")))


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where it has ended."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text("ascii")
    except OSError:
        return 0
    return int(text.split()[1]) * 4096
