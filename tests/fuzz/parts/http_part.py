"""The OpenAPI documents and the spoilt events at the HTTP doors of a whole platform: front, services, reporting.

In rounds: what schemathesis makes of the documents, then spoilt events by the thousand, then a look at everything that
must hold (`tests/running/watching.py`). At the end spoilt events with a rate limit.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from asking import Asked, Outcome
from attacker import Attacker
from http_promises import broken, broken_receipts, template_of
from http_sending import Answer, Client, Sent
from http_shooting import HttpShooting
from running_platform import RunningPlatform, running_platform
from schema_fuzzing import AUDITOR, CPAS, OTHERS, READER, SERVICE, TARGETS, Target, sender, some_types, tried
from watching import Watch

LIMIT = "MIRIAM_DOOR_EVENTS_PER_SECOND"
SENDERS = (("anderlecht", "cpas"), ("schaerbeek", "cpas"), ("spp-is", "authority"), ("spp-is-dpo", "dpo"))
# Spoilt events of a round; its requests made of documents are some two thousand.
EVENTS = 8_000
EXAMPLES = 30
# The most that is written down; what comes after it is counted.
KEPT = 50


@dataclass
class Doors:
    """The doors of a platform, and what was found at them. `kept` holds each kind of finding once, with its request."""

    platform: RunningPlatform
    client: Client = field(init=False)
    watch: Watch = field(init=False)
    statuses: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    kept: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.emitters = {f"/{kind}/{name}": Attacker(self.platform, name, kind) for name, kind in SENDERS}
        everyone = {each.id: each for each in (*self.emitters.values(), Attacker(self.platform, CPAS))}
        self.sources = {name: f"/{each.kind}/{name}" for name, each in everyone.items()}
        tokens = {name: each.credentials["http_token"] for name, each in everyone.items()}
        tokens[SERVICE] = self.platform.deployment.passwords.of("service token")
        tokens[AUDITOR] = self.platform.miriam("tokens", "add", AUDITOR, "--scope", "events")["token"]
        tokens[READER] = everyone[CPAS].credentials["reading_token"]
        self.client = Client(self.platform, tokens)
        self.watch = Watch(self.platform)

    def documents(
        self, targets: Iterable[Target], seed: int, number: int, examples: int, told: Any, *, bounds: bool
    ) -> int:
        """Ask what schemathesis makes of each target's document; how many requests that were.

        The round's `number` says which types of event are sent. `bounds`: at each bound of the document, too.
        """
        sent = 0
        for each_target in targets:
            target, types = each_target, some_types(seed, number)[: None if each_target == TARGETS[0] else 1]
            if (target.document, target.holder) == ("door", CPAS):
                target = replace(target, holder=sender(types))
            for each in tried(self.client, target, seed + number, examples, types, bounds=bounds):
                self.judge(target.document, each.sent, each.answer, each.found)
                sent += 1
                told(1)
        return sent

    def events(self, shooting: HttpShooting, many: int, told: Any, passing: frozenset[int] = frozenset()) -> int:
        """Post spoilt events, so many; how many that were."""
        sent = 0
        for posting in shooting:
            answer = self.client.send(posting.sent)
            wanted = posting.statuses | passing
            said = () if answer.status in wanted else (f"answered {answer.status} instead of {sorted(wanted)}",)
            self.judge("door", posting.sent, answer, said)
            sent += posting.events
            told(posting.events)
            if sent >= many:
                break
        return sent

    def look(self) -> bool:
        """Whether nothing at all was found by now, the platform looked at."""
        trouble = self.watch.look()
        if trouble is not None:
            self._find(trouble.what)
        return not self.findings

    def judge(self, document: str, sent: Sent, answer: Answer, found: Iterable[str]) -> None:
        self.statuses[f"{sent.program} {answer.status}"] += 1
        receipts = broken_receipts(sent, answer, self.sources.get(sent.holder, ""), self.watch)
        for what in (*found, broken(document, sent, answer), receipts):
            if what:
                self._find(f"{sent.program} {sent.method} {template_of(document, sent)}: {what}", document, sent)

    def _find(self, what: str, document: str = "", sent: Sent | None = None) -> None:
        # The same at another place of a list is no other kind.
        kind = re.sub(r"\[\d+\]", "[]", " ".join(what.split()))[:160]
        self.findings[kind] += 1
        if sent is not None and len(self.kept) < KEPT and self.findings[kind] == 1:
            self.kept.append({"found": what, "document": document, "sent": sent.as_json()})


def prepare(platform: RunningPlatform) -> Doors:
    """Admit who is to send."""
    for kind in dict.fromkeys(kind for _, kind in SENDERS):
        platform.miriam("cpas", "add", "--kind", kind, *(name for name, of in SENDERS if of == kind))
    platform.miriam("cpas", "add", "--test", CPAS)
    return Doors(platform)


def run(asked: Asked, told: Callable[[int], None]) -> Outcome:
    """Bring a platform up, ask, look, and take it down."""
    folder = Path(tempfile.mkdtemp(prefix="miriam-fuzz-"))
    folder.chmod(0o755)
    try:
        with running_platform(folder, **{LIMIT: "0"}) as platform:
            began = time.monotonic()
            doors = prepare(platform)
            sent = _replay(doors, asked.replay, told) if asked.replay else _rounds(doors, asked, told)
            if doors.look() and not asked.replay:
                sent += _limited(doors, asked.seed, told)
                trouble = doors.watch.ledger()
                doors.findings.update([trouble.what] if trouble else [])
            return _outcome(doors, asked, sent, time.monotonic() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rounds(doors: Doors, asked: Asked, told: Callable[[int], None]) -> int:
    shooting = HttpShooting(doors.emitters, asked.seed)
    sent = number = 0
    while sent < asked.count:
        share = min(1.0, (asked.count - sent) / EVENTS)
        examples = max(int(EXAMPLES * share), 3)
        # The bounds of each type once, at the front; elsewhere there is nothing new in them after the first round.
        first, others = TARGETS[:1], TARGETS[1:] + (OTHERS if number == 0 else ())
        sent += doors.documents(first, asked.seed, number, examples, told, bounds=True)
        sent += doors.documents(others, asked.seed, number, examples, told, bounds=number == 0)
        sent += doors.events(shooting, max(min(EVENTS, asked.count - sent), 500), told)
        if not doors.look():
            break
        number += 1
    return sent


def _limited(doors: Doors, seed: int, told: Callable[[int], None]) -> int:
    """With a limit of few events a second, what is beyond it is answered 429, and nothing breaks."""
    limited = replace(doors.platform, more={LIMIT: "5"})
    limited.miriam("up")
    doors.watch = Watch(limited, doors.watch.outcomes, doors.watch.codes)
    before = sum(number for status, number in doors.statuses.items() if status.endswith(" 429"))
    sent = doors.events(HttpShooting(doors.emitters, seed + 1), 3_000, told, frozenset({429}))
    after = sum(number for status, number in doors.statuses.items() if status.endswith(" 429"))
    if before or after - before < 10:
        doors.findings[f"answered 429: {before} times without a limit, {after - before} times with one"] += 1
    doors.look()
    return sent


def _replay(doors: Doors, file: Path, told: Callable[[int], None]) -> int:
    lines = file.read_text("utf-8").splitlines()
    for kept in map(json.loads, lines):
        sent = Sent.of_json(kept["sent"])
        doors.judge(kept["document"], sent, doors.client.send(sent), ())
        told(1)
    return len(lines)


def _outcome(doors: Doors, asked: Asked, sent: int, seconds: float) -> Outcome:
    found = {
        "answers": dict(sorted(doors.statuses.items())),
        "receipts": dict(doors.watch.outcomes.most_common()),
        "rules": dict(doors.watch.codes.most_common()),
        "findings": dict(doors.findings.most_common()),
        "memory, MiB": {name: size // 2**20 for name, size in sorted(doors.watch.memory.items())},
    }
    broken_ = "; ".join(list(doors.findings)[:5])
    return Outcome(sent, round(seconds, 1), found, broken_, _keep(doors, asked) if doors.kept else "")


def _keep(doors: Doors, asked: Asked) -> str:
    asked.keep.mkdir(parents=True, exist_ok=True)
    file = asked.keep / f"http-{asked.seed}-{int(time.time())}.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in doors.kept), encoding="utf-8")
    return str(file)
