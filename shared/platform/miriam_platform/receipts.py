"""Receipts: what the service answers to each event, signed, so that a CPAS can prove what was recorded."""

import base64
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from miriam_contracts.canonical import canonical
from miriam_contracts.problems import LANGUAGES, Problem, describe, rules
from miriam_platform.deliveries import OutcomeName, Result
from miriam_platform.keys import Keys
from miriam_platform.store import KnownEvent
from miriam_platform.times import timestamp

CONTENT_TYPE = "application/json"
# One AMQP message carries up to so many receipts of one emitter: a message apiece would cost more than all the rest.
MOST_PER_MESSAGE = 100
# Beyond that a message carries one receipt alone; the broker takes no message of any size.
MOST_BYTES = 256 * 1024


def build(result: Result, service: str, keys: Keys, now: dt.datetime) -> dict[str, Any]:
    """The signed receipt of one event."""
    return signed(
        keys,
        outcome=result.outcome,
        service=service,
        source=result.source,
        emitted_id=result.attributes.get("id"),
        subject=result.attributes.get("subject"),
        time=now,
        events=result.events,
        problems=result.problems,
    )


def signed(
    keys: Keys,
    *,
    outcome: OutcomeName,
    service: str,
    source: str | None,
    emitted_id: str | None,
    subject: str | None,
    time: dt.datetime,
    events: Sequence[KnownEvent],
    problems: Sequence[Problem],
) -> dict[str, Any]:
    """A receipt. Its `signature` is Ed25519 over the canonical JSON of all the rest, base64."""
    receipt: dict[str, Any] = {
        "receipt": outcome,
        "service": service,
        "emitter": source,
        "id": emitted_id,
        "subject": subject,
        "time": timestamp(time),
        "events": [{"id": e.id, "sequence": e.sequence, "leaf": e.leaf.hex()} for e in events],
        "problems": [explain(problem) for problem in problems],
        "key": keys.receipt_id,
    }
    receipt["signature"] = base64.b64encode(keys.receipt.sign(canonical(receipt))).decode()
    return receipt


def explain(problem: Problem) -> dict[str, Any]:
    """A problem after RFC 9457: what broke, where, what is allowed, and a sentence in each language. No value in it."""
    # A refusal is kept longer than a rule may live: of one that is gone the code is left.
    known = problem.code in rules()
    titles = {language: describe(problem, language) if known else problem.code for language in LANGUAGES}
    return {
        "type": f"urn:miriam:rule:{problem.code}",
        "code": problem.code,
        "field": problem.field,
        "rule": titles["en"],
        "allowed": problem.allowed,
        "title": titles,
    }


def messages(results: Iterable[Result], service: str, keys: Keys, now: dt.datetime) -> Iterator[tuple[str, bytes]]:
    """Emitter and body of each message to send: a JSON array of up to MOST_PER_MESSAGE receipts of that emitter.

    A delivery that no known emitter sent has nobody to be answered to.
    """
    by_emitter: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        if result.emitter is not None:
            by_emitter[result.emitter].append(build(result, service, keys, now))
    for emitter, found in by_emitter.items():
        waiting: list[bytes] = []
        size = 0
        for body in map(canonical, found):
            if waiting and (len(waiting) == MOST_PER_MESSAGE or size + len(body) > MOST_BYTES):
                yield emitter, _array(waiting)
                waiting, size = [], 0
            waiting.append(body)
            size += len(body)
        yield emitter, _array(waiting)


def _array(bodies: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(bodies) + b"]"
