"""Mutated events at the AMQP door of a whole platform: bytes, structure, types, envelopes, sealed blocks, properties,
keys and headers. What must hold is looked at after every block (`tests/running/campaign.py`).

Beside what is answered: what the broker itself denies, and what nobody stands behind (counted, and kept).
"""

from __future__ import annotations

import json
import logging
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pika
from asking import Asked, Outcome
from attacker import INBOX, Attacker
from campaign import Broken, Campaign
from pika.exceptions import AMQPError
from running_platform import RunningPlatform, running_platform
from shooting import Shooting, Shot

from miriam_local.emitters import Emitter
from miriam_local.processes import wait_until

CPAS = ("anderlecht", "schaerbeek")
# On the broker, and in no service's books: nobody to answer to.
GHOST = Emitter("ghost")
# After so many shots, a few that are not answered by a receipt.
LEG = 10_000


def run(asked: Asked, told: Callable[[int], None]) -> Outcome:
    """Bring a platform up, shoot, look, and take it down."""
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="miriam-fuzz-"))
    folder.chmod(0o755)
    try:
        with running_platform(folder) as platform:
            return _shoot(platform, asked, told)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shoot(platform: RunningPlatform, asked: Asked, told: Callable[[int], None]) -> Outcome:
    platform.miriam("cpas", "add", *CPAS)
    platform.miriam("cpas", "add", "spp-is", "--kind", "authority")
    platform.miriam("cpas", "add", "spp-is-dpo", "--kind", "dpo")
    named = [*((name, "cpas") for name in CPAS), ("spp-is", "authority"), ("spp-is-dpo", "dpo")]
    emitters = {f"/{kind}/{name}": Attacker(platform, name, kind) for name, kind in named}
    word = platform.deployment.passwords.of(GHOST.user)
    platform.deployment.broker.admit({GHOST: word})
    denied: Counter[str] = Counter()
    ghosts = 0
    began = time.monotonic()
    broken, file = "", ""
    with closing(Campaign(platform, emitters)) as campaign:
        try:
            shots = iter(_replayed(asked.replay, emitters) if asked.replay else Shooting(emitters, asked.seed))
            left = asked.count
            while left > 0:
                before = campaign.sent
                campaign.run(shots, min(LEG, left), told)
                if campaign.sent == before:
                    break
                left -= campaign.sent - before
                denied += _denied(emitters["/cpas/anderlecht"], random.Random(f"{asked.seed}:{left}"))
                ghosts += _unanswered(platform, word, ghosts)
            campaign.finish()
        except Broken as problem:
            broken, file = str(problem), _keep(problem.shots, asked)
        memory = {name: size // 2**20 for name, size in campaign.watch.memory.items()}
        found = {
            "receipts": dict(campaign.watch.outcomes.most_common()),
            "rules": dict(campaign.watch.codes.most_common()),
            "denied by the broker": dict(denied),
            "kept without a sender": {"messages": ghosts},
            "memory, MiB": dict(sorted(memory.items(), key=lambda pair: -pair[1])),
        }
        return Outcome(campaign.sent, round(time.monotonic() - began, 1), found, broken, file)


def _denied(attacker: Attacker, chance: random.Random) -> Counter[str]:
    """What the broker may not even take. Each costs its sender the channel, or the connection."""
    event = attacker.event("session.held")
    tries: dict[str, tuple[str, bytes, dict[str, Any]]] = {
        "another's key": ("schaerbeek.session.held", b"{}", {}),
        "a key of other form": (chance.choice(("anderlecht", "anderlecht.session", "#", "", "x" * 255)), b"{}", {}),
        "another's name": ("anderlecht.session.held", json.dumps(event).encode(), {"user_id": "cpas.schaerbeek"}),
        "beyond any size": ("anderlecht.session.held", b"x" * (1_048_577 + chance.randrange(1000)), {}),
    }
    counted: Counter[str] = Counter()
    for name, (key, body, said) in tries.items():
        given = {"user_id": attacker.user, "delivery_mode": 2} | said
        try:
            with attacker.channel() as channel:
                channel.basic_publish(INBOX, key, body, pika.BasicProperties(**given), mandatory=True)
        except AMQPError:
            counted[name] += 1
        else:
            shot = Shot(attacker, key, body[:1000], said)
            raise Broken(f"the broker took what is {name}", [shot])
    return counted


def _unanswered(platform: RunningPlatform, word: str, number: int) -> int:
    """What comes under no family from whom no service knows is kept, for there is nobody to answer to."""
    broker = platform.deployment.private_rabbitmq
    assert broker is not None
    many = 20
    counted = "select coalesce(sum(times), 0) from door.refusal where emitter = 'unknown' and rule = 'emitter_unknown'"
    with closing(pika.BlockingConnection(pika.URLParameters(broker.url("miriam", GHOST.user, word)))) as connection:
        channel = connection.channel()
        # What is not confirmed may be lost with the connection.
        channel.confirm_delivery()
        for each in range(number, number + many):
            channel.basic_publish(INBOX, "ghost.no_family.seen", b"%d" % each, pika.BasicProperties(user_id=GHOST.user))
    if not wait_until(lambda: platform.ask("intake", counted)[0][0] == number + many, 60, 0.1):
        kept = platform.ask("intake", counted)[0][0]
        raise Broken(f"of what nobody stands behind {kept} are kept, not {number + many}", [])
    return many


def _keep(shots: Iterable[Shot], asked: Asked) -> str:
    """Write down what broke a promise; the file's place."""
    asked.keep.mkdir(parents=True, exist_ok=True)
    file = asked.keep / f"amqp-{asked.seed}-{int(time.time())}.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for shot in shots:
            out.write(json.dumps(shot.as_json()) + "\n")
    return str(file)


def _replayed(file: Path, emitters: dict[str, Attacker]) -> Iterable[Shot]:
    for line in file.read_text("utf-8").splitlines():
        yield Shot.of_json(json.loads(line), emitters)
