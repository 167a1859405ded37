"""Recorded events made by hand: leaf bodies as the three services would have written them.

A payload keeps its contract (each is checked), but no rule of a stream is asked: the ledger may hold what a service
would have refused, because the figures must be a function of any leaves.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from history_defaults import ADDED_TO_ENROLMENT, defaults

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import versioned
from miriam_contracts.identity import recorded_id
from miriam_contracts.upcasting import newest


@dataclass
class Recorded:
    """One fact of the ledger in its last version."""

    kind: str
    first_id: str
    current_id: str
    subject: str
    service: str
    origin: str
    data: dict[str, Any]
    version: int = 1
    retracted: bool = False


@dataclass
class LedgerBuilder:
    """Builds the leaves of a ledger, one event at a time, in ledger order.

    `check` asks every emitted payload for its contract; without it, building is fast.
    """

    check: bool = True
    bodies: list[bytes] = field(default_factory=list)
    facts: dict[str, Recorded] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    def record(self, kind: str, *, time: str = "", service: str = "intake", **payload: Any) -> str:
        """Record a fact with `payload` over the defaults of its kind; its recorded id. `time`: when it was noted.

        `kind` is `session.held`, or with its version `session.held.v2`.
        """
        event_type = EVENT_TYPES[f"miriam.{versioned(kind)}"]
        kind = event_type.routing_key
        usual = defaults(kind, payload, len(self.bodies))
        if event_type.version > 1:
            usual = dict(newest(event_type.family, event_type.fact, 1, usual))
        data = {**usual, **payload}
        owner = service if event_type.owner == "each" else event_type.owner
        subject = data[event_type.subject_field] if event_type.subject_field else owner
        origin = self._origin(kind, subject, owner)
        event_id = self._append(event_type.type, data, subject, owner, origin, time)
        self.facts[event_id] = Recorded(kind, event_id, event_id, subject, owner, origin, data, event_type.version)
        return event_id

    def correct(self, first_id: str, *, time: str = "", version: int = 0, **changes: Any) -> str:
        """Correct a fact: its last version with `changes`, told in the same or in `version`. The correction's id."""
        fact = self.facts[first_id]
        family, _, name = fact.kind.partition(".")
        version = version or fact.version
        told = newest(family, name, fact.version, fact.data) if version > fact.version else fact.data
        replacement = {**told, **changes}
        data = {
            "corrects": first_id,
            "supersedes": fact.current_id,
            "fact": name,
            "reason": "typing_error",
            "occurred_on": replacement["occurred_on"],
            "replacement": replacement,
        }
        kind = f"miriam.{family}.corrected.v{version}"
        event_id = self._append(kind, data, fact.subject, fact.service, fact.origin, time)
        fact.data, fact.current_id, fact.version = replacement, event_id, version
        return event_id

    def retract(self, first_id: str, *, time: str = "") -> str:
        """Retract a fact. The retraction's id."""
        fact = self.facts[first_id]
        family, _, name = fact.kind.partition(".")
        data = {
            "retracts": first_id,
            "supersedes": fact.current_id,
            "fact": name,
            "reason": "duplicate",
            "occurred_on": fact.data["occurred_on"],
        }
        event_id = self._append(f"miriam.{family}.retracted.v1", data, fact.subject, fact.service, fact.origin, time)
        fact.retracted, fact.current_id = True, event_id
        return event_id

    def skip(self, service: str, numbers: int) -> None:
        """Leave a hole: these numbers of the service never reach the ledger."""
        self.sequences[service] = self.sequences.get(service, 0) + numbers

    def _origin(self, kind: str, subject: str, owner: str) -> str:
        kinds = EVENT_TYPES[f"miriam.{kind}.v1"].emitted_by
        if not kinds:
            return f"/services/{owner}"
        return f"/cpas/{subject.partition(':')[0]}" if "cpas" in kinds else f"/{min(kinds)}/spp"

    def _append(self, name: str, data: dict[str, Any], subject: str, service: str, origin: str, time: str) -> str:
        if self.check:
            problems = EVENT_TYPES[name].load(_as_emitted(data))
            assert not problems, f"{name}: {problems}"
        number = self.sequences[service] = self.sequences.get(service, 0) + 1
        originid = f"e{number:06d}"
        event_id = recorded_id(service, origin, originid)
        at = time or f"{data['occurred_on']}T10:00:00.000000Z"
        event = {
            "correlationid": f"c-{service}-{number}",
            "data": data,
            "datacontenttype": "application/json",
            "id": event_id,
            "origin": origin,
            "originid": originid,
            "recordedtime": at,
            "salt": uuid.uuid5(uuid.NAMESPACE_OID, event_id).hex,
            "sequence": number,
            "source": f"/services/{service}",
            "specversion": "1.0",
            "subject": subject,
            "time": at,
            "type": name,
        }
        self.bodies.append(canonical(event))
        return event_id


def _as_emitted(data: Mapping[str, Any]) -> dict[str, Any]:
    """The payload without what the recorder adds."""
    plain = {name: value for name, value in data.items() if name not in ADDED_TO_ENROLMENT}
    if "replacement" in plain:
        plain["replacement"] = _as_emitted(plain["replacement"])
    if "person" in data and "ground" in data:
        plain["person"] = data["person"]  # person.erased names the person itself
    return plain
