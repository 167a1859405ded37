"""One fact, as small services record it by the million: the same payload for ours and for every peer."""

from __future__ import annotations

from typing import Any

from miriam_contracts.identity import recorded_id
from miriam_platform import bodies
from miriam_platform.store import NewEvent

TYPE = "miriam.goal.set.v1"
SOURCE = "/cpas/anderlecht"
NOTED = "2023-10-02T12:30:00.000000Z"
FINGERPRINT = bytes(32)


def payload(stream: int, number: int) -> dict[str, Any]:
    """What the fact says."""
    return {
        "project": "spp:anderlecht-1",
        "participation": f"anderlecht:p-{stream}",
        "goal": f"anderlecht:g-{stream}-{number}",
        "occurred_on": "2023-10-02",
        "domain": "housing",
    }


def new_event(stream: int, number: int, salt: str = "") -> NewEvent:
    """The fact as the recorder hands it to the store: envelope, canonical form and id made. `number` counts from 1."""
    emission = {
        "source": SOURCE,
        "id": f"{salt}{stream}-{number}",
        "type": TYPE,
        "subject": f"anderlecht:p-{stream}",
    }
    event_id = recorded_id("sessions", SOURCE, emission["id"])
    body = bodies.recorded(
        emission,
        service="sessions",
        event_id=event_id,
        correlation=event_id,
        data=payload(stream, number),
        time=NOTED,
        personal_digest=None,
        recorded_time=NOTED,
    )
    head, tail = bodies.halves(body)
    name = f"participation/{salt}{stream}"
    return NewEvent(event_id, name, number, TYPE, SOURCE, emission["id"], 0, 1, FINGERPRINT, head, tail)
