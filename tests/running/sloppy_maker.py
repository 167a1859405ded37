"""A maker's program with one thing wrong with it: `sloppy_maker.py FAULT EVENTS.jsonl`, called as the kit calls any.

It stands on our emitter, so that nothing is wrong with it but the fault.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from miriam_emitter import Emitter, Settings

Events = list[dict[str, Any]]
STATE = Path(os.environ["MIRIAM_STATE"])


def forgets_the_last(events: Events) -> Events:
    return send(events[:-1])


def reverses_the_order(events: Events) -> Events:
    return send(list(reversed(events)))


def makes_new_ids_each_time(events: Events) -> Events:
    if not (STATE / "called").exists():
        (STATE / "called").touch()
        return send(events)
    tag = secrets.token_hex(2)
    return send([{**event, "id": f"{event['id']}-{tag}"} for event in events])


def prints_nothing(events: Events) -> Events:
    send(events)
    return []


def stops_at_the_first_refusal(events: Events) -> Events:
    receipts: Events = []
    for event in events:
        receipts += send([event])
        if receipts[-1]["receipt"] == "refused":
            break
    return receipts


def takes_for_sent_what_it_has_read(events: Events) -> Events:
    if (STATE / "read").exists():
        return []
    (STATE / "read").touch()
    # A few at a time: sent all at once, they may all be at the broker when the kill comes, and then none is lost.
    return [answer for start in range(0, len(events), 20) for answer in send(events[start : start + 20])]


def gives_up_what_was_refused(events: Events) -> Events:
    refused = STATE / "refused"
    known = refused.read_text("utf-8").split() if refused.exists() else []
    receipts = send([event for event in events if event["id"] not in known])
    refused.write_text("\n".join(r["id"] for r in receipts if r["receipt"] == "refused"), "utf-8")
    return receipts


def send(events: Events) -> Events:
    """What a right program does."""
    credentials = Path(os.environ["MIRIAM_CREDENTIALS"])
    known = json.loads(credentials.read_text("utf-8")) | {"over": os.environ["MIRIAM_OVER"]}
    with Emitter(Settings.of(known, STATE / "spool", credentials.parent)) as emitter:
        emitter.put(events)
        emitter.run(patience=60)
        return [receipt.content for receipt in emitter.spool.answers([event["id"] for event in events])]


FAULTS: dict[str, Callable[[Events], Events]] = {
    each.__name__: each
    for each in (
        forgets_the_last,
        reverses_the_order,
        makes_new_ids_each_time,
        prints_nothing,
        stops_at_the_first_refusal,
        takes_for_sent_what_it_has_read,
        gives_up_what_was_refused,
    )
}

if __name__ == "__main__":
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    lines = Path(sys.argv[2]).read_text("utf-8").splitlines()
    for answer in FAULTS[sys.argv[1]]([json.loads(line) for line in lines]):
        print(json.dumps(answer))
