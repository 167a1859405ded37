"""Ten thousand spoilt events through the real door: each is answered once, and nothing that is ours stumbles."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pika
from attacker import INBOX, Attacker, renamed
from mutations import mutated
from running_platform import RunningPlatform

from miriam_contracts.canonical import canonical, leaf_hash
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES
from miriam_contracts.envelope import personal_of
from miriam_contracts.examples import emitted, examples
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import rules
from miriam_local.processes import read_mark
from miriam_platform.amqp import Link, Unconfirmed

MANY = 10_000
ROUND = 25
# Of nobody else's subjects: one that was parked would have these parked behind it.
FIRST_NUMBER = 100_000
SEED = 20231
FIRSTS = (
    "participation.enrolled", "session.held", "goal.set", "referral.made", "assessment.completed",
    "group.formed", "project.approved", "edition.opened", "consortium.formed",
)  # fmt: skip
NAMED = {"assessment.completed": "start"}
SECONDS = 120.0
WINDOW = 400
OUTCOMES = frozenset({"recorded", "duplicate", "refused"})


@dataclass(frozen=True)
class Shot:
    """One message: who sends it, under which key, and what."""

    emitter: Attacker
    key: str
    body: bytes


class Shooting:
    """The golden examples, over and over: in each round a few good facts, then spoilt ones that rest on them.

    Without the former nearly all would be refused for what is missing, and the depths would never be reached.
    """

    def __init__(self, emitters: dict[str, Attacker]) -> None:
        self._emitters = emitters
        self._chance = random.Random(SEED)
        self._models = [e.event for e in examples("emitted") if EVENT_TYPES[e.event["type"]].emitted_by]
        self._sealed: dict[tuple[str, str], str] = {}

    def __iter__(self) -> Iterator[Shot]:
        """MANY spoilt ones, and those that they rest on."""
        for number in range(FIRST_NUMBER, FIRST_NUMBER + MANY // ROUND):
            before: list[Shot] = []
            firsts: dict[tuple[str, str], str] = {}
            for kind in self._chance.sample(FIRSTS, 4):
                event = renamed(emitted(kind, NAMED.get(kind, "typical")), "anderlecht", number=number)
                owner = EVENT_TYPES[event["type"]].owner
                family, _, fact = kind.partition(".")
                firsts[family, fact] = recorded_id(owner, event["source"], event["id"])
                before.append(self._shot(event))
                yield before[-1]
            for _ in range(ROUND):
                if before and self._chance.random() < 0.05:
                    yield self._chance.choice(before)
                    continue
                event = renamed(self._chance.choice(self._models), "anderlecht", number=number)
                self._rest(event, firsts)
                before.append(self._shot(event, spoilt=True))
                yield before[-1]

    def _rest(self, event: dict[str, Any], firsts: dict[tuple[str, str], str]) -> None:
        """Have a correction or retraction name a fact of this round."""
        data = event["data"]
        first = firsts.get((EVENT_TYPES[event["type"]].family, data.get("fact", "")))
        for name in ("corrects", "retracts", "supersedes"):
            if first is not None and name in data:
                data[name] = first

    def _shot(self, event: dict[str, Any], spoilt: bool = False) -> Shot:
        sender = self._emitters[event["source"]]
        kind = EVENT_TYPES[event["type"]]
        block = personal_of(event["data"])
        if block is not None:
            text = json.dumps(block if isinstance(block, dict) else {"text": "a note"})
            token = self._sealed.get((kind.owner, text)) or sender.sealed(kind.owner, json.loads(text))
            self._sealed[kind.owner, text] = token
            event["data"].get("replacement", event["data"])["personal"] = token
        body = mutated(event, self._chance) if spoilt else orjson.dumps(event)
        return Shot(sender, f"{sender.id}.{kind.routing_key}", body)


def send(emitters: dict[str, Attacker]) -> Counter[str]:
    """Send all, each as its own emitter; what the broker did not take is sent again. How many each emitter sent."""
    sent: Counter[str] = Counter()
    links = {a.id: Link(a.credentials["amqp_url"], "hostile").open() for a in emitters.values()}
    outs = {name: Unconfirmed(link) for name, link in links.items()}
    by_mark: dict[str, Shot] = {}
    for number, shot in enumerate(Shooting(emitters)):
        sent[shot.emitter.id] += 1
        by_mark[str(number)] = shot
        _publish(outs, str(number), shot)
        while sum(len(out) for out in outs.values()) > WINDOW:
            _turn(links, outs, by_mark)
    while any(len(out) for out in outs.values()):
        _turn(links, outs, by_mark)
    for link in links.values():
        link.close()
    return sent


def _publish(outs: dict[str, Unconfirmed], mark: str, shot: Shot) -> None:
    properties = pika.BasicProperties(
        user_id=shot.emitter.user, delivery_mode=2, content_type="application/cloudevents+json"
    )
    outs[shot.emitter.id].publish(INBOX, shot.key, shot.body, mark, properties, mandatory=True)


def _turn(links: dict[str, Link], outs: dict[str, Unconfirmed], by_mark: dict[str, Shot]) -> None:
    for name, link in links.items():
        if len(outs[name]):
            link.turn(0.01)
        for mark in list(outs[name].failed):
            outs[name].failed.discard(mark)
            _publish(outs, mark, by_mark[mark])


def pids(platform: RunningPlatform) -> dict[str, int]:
    """The process of each program of ours."""
    marks = {name: read_mark(platform.places.mark_of(name)) for name in platform.programs()}
    return {name: mark.pid for name, mark in marks.items() if mark is not None}


def troubles(platform: RunningPlatform) -> dict[str, tuple[int, int, int]]:
    """Of each service: parked events, counted attempts, faults of ours in its log."""
    return {
        service: (
            platform.ask(service, "select count(*) from door.parked")[0][0],
            platform.ask(service, "select count(*) from door.attempt")[0][0],
            platform.places.log_of(service).read_text("utf-8").count("fault of ours"),
        )
        for service in RECORDING_SERVICES
    }


def broken_contracts(body: str) -> list[Any]:
    """What is wrong with a recorded event."""
    event = json.loads(body)
    found: list[Any] = list(EVENT_TYPES[event["type"]].load_recorded(event["data"]))
    if canonical(event).decode() != body:
        found.append("not canonical")
    if personal_of(event["data"]) is not None:
        found.append("a personal block")
    return found


def test_ten_thousand_mutated_events_stop_nothing(
    platform: RunningPlatform, anderlecht: Attacker, authority: Attacker, schaerbeek: Attacker
) -> None:
    emitters = [anderlecht, schaerbeek, authority, Attacker(platform, "spp-is-dpo", "dpo")]
    before = pids(platform)
    troubled = troubles(platform)
    began = time.monotonic()

    sent = send({f"/{a.kind}/{a.id}": a for a in emitters})
    receipts = {a.id: a.answers(SECONDS - (time.monotonic() - began), sent[a.id]) for a in emitters}
    took = time.monotonic() - began

    assert {name: len(found) for name, found in receipts.items()} == dict(sent)
    assert sum(sent.values()) == MANY + 4 * (MANY // ROUND)
    assert took < SECONDS
    told = [receipt for found in receipts.values() for receipt in found]
    outcomes = Counter(receipt["receipt"] for receipt in told)
    assert set(outcomes) <= OUTCOMES
    # The mutations reach all three: else this test would say little.
    assert min(outcomes[name] for name in OUTCOMES) > 50, outcomes
    known = rules()
    for receipt in told:
        codes = [problem["code"] for problem in receipt["problems"]]
        assert bool(codes) == (receipt["receipt"] == "refused")
        assert all(code in known for code in codes)
    assert len({problem["code"] for receipt in told for problem in receipt["problems"]}) > 25

    assert pids(platform) == before, "a program was restarted"
    assert troubles(platform) == troubled

    recorded = {
        service: platform.ask(service, "select sequence, body from event_store.event order by sequence")
        for service in RECORDING_SERVICES
    }
    for rows in recorded.values():
        assert [sequence for sequence, _ in rows] == list(range(1, len(rows) + 1))
        assert [broken for _, body in rows if (broken := broken_contracts(body))] == []
    # A recorded event that the ledger or the projector cannot read would stop every figure.
    platform.settle(120)
    leaves = {(leaf.source, leaf.sequence): leaf.hash for leaf in platform.leaves()}
    assert leaves == {(s, n): leaf_hash(body.encode()).hex() for s, rows in recorded.items() for n, body in rows}
    for attacker in (anderlecht, schaerbeek):
        attacker.records()
    # No receipt comes late for a second time.
    assert [a.answers(seconds=0) for a in emitters] == [[], [], [], []]
