"""Golden examples, over and over, spoilt: what a campaign of mutated events sends, all of it drawn from one seed."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from attacker import Attacker, renamed
from carriers import answers_to, spoilt_key, spoilt_properties, spoilt_token
from mutations import mutated

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.envelope import personal_of
from miriam_contracts.examples import emitted, examples
from miriam_contracts.identity import recorded_id

ROUND = 25
# Of nobody else's subjects: one that was parked would have these parked behind it.
FIRST_NUMBER = 100_000
FIRSTS = (
    "participation.enrolled", "session.held", "goal.set", "referral.made", "assessment.completed",
    "group.formed", "project.approved", "edition.opened", "consortium.formed",
)  # fmt: skip
NAMED = {"assessment.completed": "start"}
# So large that the broker takes it, and the door does not.
LARGE = 300_000


@dataclass(frozen=True)
class Shot:
    """One message: who sends it, under which key, and what; `said` are the properties that are not the usual ones."""

    emitter: Attacker
    key: str
    body: bytes
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        """How many receipts it must have."""
        return answers_to(self.key, self.said)

    def as_json(self) -> dict[str, Any]:
        """To be written down, and shot again."""
        body = base64.b64encode(self.body).decode()
        return {"emitter": f"/{self.emitter.kind}/{self.emitter.id}", "key": self.key, "body": body, "said": self.said}

    @classmethod
    def of_json(cls, told: Mapping[str, Any], emitters: Mapping[str, Attacker]) -> Shot:
        """What `as_json` wrote."""
        return cls(emitters[told["emitter"]], told["key"], base64.b64decode(told["body"]), told["said"])


class Shooting:
    """Rounds without end: a few good facts each, then spoilt ones that rest on them.

    Without the former nearly all would be refused for what is missing, and the depths would never be reached. Each
    round is drawn from the seed and its number alone.
    """

    def __init__(self, emitters: Mapping[str, Attacker], seed: int) -> None:
        self._emitters = emitters
        self._seed = seed
        self._chance = random.Random(seed)
        self._models = [e.event for e in examples("emitted") if EVENT_TYPES[e.event["type"]].emitted_by]
        self._sealed: dict[tuple[str, str], str] = {}
        self._given = 0

    def __iter__(self) -> Iterator[Shot]:
        number = FIRST_NUMBER
        while True:
            yield from self._round(number)
            number += 1

    def _round(self, number: int) -> Iterator[Shot]:
        self._chance = random.Random(f"{self._seed}:{number}")
        self._given = 0
        before: list[Shot] = []
        firsts: dict[tuple[str, str], str] = {}
        for kind in self._chance.sample(FIRSTS, 4):
            event = self._event(emitted(kind, NAMED.get(kind, "typical")), number)
            owner = EVENT_TYPES[event["type"]].owner
            family, _, fact = kind.partition(".")
            firsts[family, fact] = recorded_id(owner, event["source"], event["id"])
            before.append(self._shot(event))
            yield before[-1]
        for _ in range(ROUND):
            if self._chance.random() < 0.05:
                yield self._chance.choice(before)
                continue
            # Half of them about the round's own things; half about things of their own, or the rules of a stream would
            # refuse what the contract should.
            about = number if self._chance.random() < 0.5 else f"{number}x{self._given}"
            event = self._event(self._chance.choice(self._models), about)
            self._rest(event, firsts)
            before.append(self._shot(event, spoilt=True))
            yield before[-1]

    def _event(self, model: dict[str, Any], about: int | str) -> dict[str, Any]:
        event = renamed(model, "anderlecht", number=about)
        self._given += 1
        event["id"] = f"r{str(about).partition('x')[0]}-{self._given}"
        return event

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
        chance = self._chance
        block = personal_of(event["data"])
        if block is not None:
            text = json.dumps(block if isinstance(block, dict) else {"text": "a note"})
            token: Any = self._sealed.get((kind.owner, text)) or sender.sealed(kind.owner, json.loads(text))
            self._sealed[kind.owner, text] = token
            if spoilt and chance.random() < 0.2:
                token = spoilt_token(token, chance)
            event["data"].get("replacement", event["data"])["personal"] = token
        key, said = f"{sender.id}.{kind.routing_key}", {}
        if not spoilt:
            return Shot(sender, key, orjson.dumps(event))
        # What carries it is spoilt alone, or with it: else one refusal would hide the other for ever.
        way = chance.random()
        body = orjson.dumps(event) if way < 0.1 else mutated(event, chance)
        if way < 0.15:
            said = spoilt_properties(sender.id, [a.id for a in self._emitters.values()], chance)
        elif way < 0.2:
            key = spoilt_key(sender.id, key, chance)
        elif way < 0.202:
            body = body[:-1] + b',"x":"' + b"x" * LARGE + b'"}'
        return Shot(sender, key, body, said)
