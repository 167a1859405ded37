"""Facts that a service states itself, emitted by nobody: the door's tally, a key destroyed, a test CPAS wiped."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.identity import NAMESPACE, recorded_id
from miriam_platform import bodies, store
from miriam_platform.store import NewEvent, Recorded
from miriam_platform.times import timestamp

DESTROYED = "miriam.key.destroyed.v1"
WIPED = "miriam.door.wiped.v1"


class OwnFactBreaksContract(Exception):
    """What a service would state of itself breaks the contract of its type: a fault of ours."""


class StreamMoved(Exception):
    """Another process recorded in one of these streams meanwhile: roll back, and do it all again."""

    def __init__(self, streams: set[str]) -> None:
        self.streams = streams


@dataclass(frozen=True, slots=True)
class OwnFact:
    """A fact to be recorded in the service's own name.

    id           the service's id of the fact, under which it is recorded once
    correlation, causation   of the recorded event; empty: it begins a correlation, and nothing caused it
    """

    type: str
    stream: str
    subject: str
    id: str
    data: Mapping[str, Any]
    correlation: str = ""
    causation: str = ""

    def event_id(self, service: str) -> str:
        """The id under which it is recorded."""
        return recorded_id(service, f"/services/{service}", self.id)


def key_destroyed(
    participation: str, blocks: int, *, because_of: str, ground: str, on: str, correlation: str = ""
) -> OwnFact:
    """`key.destroyed`: `blocks` sealed rows went with the key of a participation on the day `on` (Brussels).

    `because_of` is the recorded id of the erasure or the retirement; of one participation it is told once.
    """
    return OwnFact(
        type=DESTROYED,
        stream=f"key/{participation}",
        subject=participation,
        id=f"destroyed-{uuid.uuid5(NAMESPACE, f'{because_of}/{participation}')}",
        data={
            "participation": participation,
            "occurred_on": on,
            "because_of": because_of,
            "ground": ground,
            "blocks": blocks,
        },
        correlation=correlation,
        causation=because_of,
    )


def wiped_stream(service: str) -> str:
    """The stream of what a service says of wipes; that of its tallies is another, and goes on."""
    return f"wiped/{service}"


def compose(connection: Connection, service: str, facts: Sequence[OwnFact], moment: dt.datetime) -> list[NewEvent]:
    """The events to append for these facts, each behind its stream as it stands now. Raises OwnFactBreaksContract."""
    if not facts:
        return []
    versions = Counter(store.stream_versions(connection, {fact.stream for fact in facts}))
    made = []
    for fact in facts:
        versions[fact.stream] += 1
        made.append(_event(service, fact, versions[fact.stream], timestamp(moment)))
    return made


def record(connection: Connection, service: str, facts: Sequence[OwnFact], moment: dt.datetime) -> list[int]:
    """Append these facts, and answer their numbers; the transaction must commit soon. One that stands stays as it is.

    Raises OwnFactBreaksContract, and StreamMoved: then nothing may be committed.
    """
    known = store.find_facts(connection, [fact.event_id(service) for fact in facts])
    events = compose(connection, service, [f for f in facts if f.event_id(service) not in known], moment)
    outcomes = store.append(connection, events, moment)
    moved = {e.stream for e, o in zip(events, outcomes, strict=True) if not isinstance(o, Recorded)}
    if moved:
        raise StreamMoved(moved)
    return [outcome.sequence for outcome in outcomes if isinstance(outcome, Recorded)]


def _event(service: str, fact: OwnFact, version: int, time: str) -> NewEvent:
    problems = EVENT_TYPES[fact.type].load(dict(fact.data))
    if problems:
        raise OwnFactBreaksContract("; ".join(f"{p.field}: {p.code}" for p in problems))
    source, event_id = f"/services/{service}", fact.event_id(service)
    emission = {"source": source, "id": fact.id, "subject": fact.subject, "type": fact.type}
    if fact.causation:
        emission["causationid"] = fact.causation
    body = bodies.recorded(
        emission,
        service=service,
        event_id=event_id,
        correlation=fact.correlation or event_id,
        data=fact.data,
        time=time,
        personal_digest=None,
        recorded_time=time,
    )
    head, tail = bodies.halves(body)
    # Nobody emitted it, so nobody can emit it again: the fingerprint is empty.
    return NewEvent(event_id, fact.stream, version, fact.type, source, fact.id, 0, 1, b"", head, tail)
