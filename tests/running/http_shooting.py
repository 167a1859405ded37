"""The spoilt events of the AMQP door as requests: alone and in batches, packed or not, at the front and at services."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from attacker import Attacker
from http_promises import EVENTS
from http_sending import Sent
from shooting import Shooting

from miriam_contracts.batches import CONTENT_TYPE as BATCH
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_contracts.envelope import CONTENT_TYPE as ONE
from miriam_contracts.envelope import MAX_BYTES

SIZES = (1, 1, 1, 2, 5, 25, 25, 100, 400)
TYPES = ("", "application/json", "text/plain", f"{ONE}; charset=latin-1", f"{BATCH}x", "multipart/form-data", "x" * 200)


@dataclass(frozen=True)
class Posting:
    """A request, how many events are in it, and the statuses by which it may be answered."""

    sent: Sent
    events: int
    statuses: frozenset[int]


class HttpShooting:
    """Requests without end, all drawn from the seed; each emitter's events in the order of their rounds."""

    def __init__(self, emitters: Mapping[str, Attacker], seed: int) -> None:
        self._shots = iter(Shooting(emitters, seed))
        self._chance = random.Random(f"http:{seed}")

    def __iter__(self) -> Iterator[Posting]:
        waiting: dict[str, list[bytes]] = defaultdict(list)
        size = dict[str, int]()
        while True:
            shot = next(self._shots)
            holder = shot.emitter.id
            if not is_json(shot.body):
                # In a batch it would take the others with it: that is said of the whole request. What is larger than
                # any event is not looked into, and refused in its receipt.
                yield self._posting(holder, ONE, shot.body, 1, 200 if len(shot.body) > MAX_BYTES else 400)
                continue
            waiting[holder].append(shot.body)
            if len(waiting[holder]) >= size.setdefault(holder, self._chance.choice(SIZES)):
                events = waiting.pop(holder)
                if size.pop(holder) == 1 and self._chance.random() < 0.8:
                    yield self._posting(holder, ONE, events[0], 1, 200)
                else:
                    yield self._posting(holder, BATCH, b"[" + b",".join(events) + b"]", len(events), 200)

    def _posting(self, holder: str, kind: str, body: bytes, events: int, status: int) -> Posting:
        chance = self._chance
        program = "front" if chance.random() < 0.7 else chance.choice(RECORDING_SERVICES)
        headers = {"Content-Type": kind, "Accept-Language": chance.choice(("fr", "nl", "de;q=0.5", "x" * 50, "*"))}
        way = chance.random()
        statuses = {status}
        if way < 0.2:
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        elif way < 0.22:
            headers["Content-Type"], statuses = chance.choice(TYPES), {415}
        elif way < 0.23:
            headers["Content-Encoding"], statuses = chance.choice(("br", "deflate", "gzip, gzip")), {415}
        elif way < 0.24:
            body, headers["Content-Encoding"], statuses = body[: len(body) // 2], "gzip", {400}
        elif way < 0.25:
            holder, statuses = "", {401}
        elif way < 0.26 and kind == BATCH:
            body, statuses = body[: chance.randrange(len(body))], {400}
        return Posting(Sent(program, holder, "POST", EVENTS, headers, body), events, frozenset(statuses))


def is_json(body: bytes) -> bool:
    """Whether it is JSON in UTF-8, as the standard has it: no mark before it, no NaN."""
    try:
        json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
