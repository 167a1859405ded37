"""The story of one event: what it says, where it stands, and what was said of its fact before and after it."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.event.proving import NotProved, Proven, head_for, prove
from miriam_reporting.reports.errors import ReportError
from miriam_transparency import merkle

_OF_FACT = """
select position, source, sequence, event_id::text, type, body, hash
  from ledger.leaf
 where event_id = %(first)s::uuid
    or (split_part(type, '.', 3) in ('corrected', 'retracted')
        and coalesce(data->'data'->>'corrects', data->'data'->>'retracts') = %(first)s)
 order by position
"""
_FIRST = """
select coalesce(data->'data'->>'corrects', data->'data'->>'retracts', event_id::text)
  from ledger.leaf
 where event_id = %s::uuid
"""
_MISSING = object()


class UnknownEvent(ReportError):
    """The ledger holds no event of that id."""

    code = "unknown_event"


@dataclass(frozen=True, slots=True)
class Turn:
    """One event of a fact's chain: the fact as first stated, a correction, or its retraction.

    `changes` tell each field that it changed, by its path, with the value before and after; `reason` is why, `origin`
    who said so. `body` is the exact text of the leaf, or None where it was destroyed when its edition was retired.
    """

    event_id: str
    position: int
    source: str
    sequence: int
    type: str
    step: str
    reason: str | None
    origin: str | None
    time: str | None
    recorded: str | None
    changes: Sequence[tuple[str, Any, Any]]
    body: str | None
    leaf: bytes

    def as_json(self) -> dict[str, Any]:
        """As `audit event --json` prints it."""
        told = {name: getattr(self, name) for name in self.__slots__ if name not in ("changes", "body", "leaf")}
        changes = [{"field": field, "before": before, "after": after} for field, before, after in self.changes]
        return {**told, "leaf": self.leaf.hex(), "changes": changes}


@dataclass(frozen=True, slots=True)
class Story:
    """An event with its proof, and the chain of its fact up to `position`. `stands` is what the fact says there."""

    event: Turn
    proven: Proven
    position: int
    chain: Sequence[Turn]
    stands: Mapping[str, Any] | None

    @property
    def standing(self) -> Turn | None:
        """The version that stands at `position`; None where the fact is retracted by then, or not yet stated."""
        last = self.chain[-1] if self.chain else None
        return None if last is None or last.step == "retracted" else last

    def as_json(self) -> dict[str, Any]:
        """As `audit event --json` prints it; `body` is the exact text that the leaf is the hash of."""
        return {
            **self.event.as_json(),
            "body": self.event.body,
            "inclusion": self.proven.as_json(),
            "as_of": self.position,
            "chain": [turn.as_json() for turn in self.chain],
            "standing": self.standing.event_id if self.standing else None,
            "stands": dict(self.stands) if self.standing and self.standing.body and self.stands else None,
        }


def tell(connection: Connection, event_id: str, as_of: int | None = None) -> Story:
    """The story of an event, its fact's chain cut at `as_of` (default: all that the ledger holds).

    The leaf's hash is computed from the body and its proof verified before this returns. One snapshot; needs a
    connection outside a transaction, and leaves it so. Raises UnknownEvent, NotProved.
    """
    asked = _uuid(event_id)
    try:
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute(_FIRST, (asked,))
            if (row := cursor.fetchone()) is None:
                raise UnknownEvent(f"the ledger holds no event {event_id}")
            cursor.execute(_OF_FACT, {"first": row[0]})
            turns, states = _turns(cursor.fetchall())
            cursor.execute("select position from ledger.head")
            (reached,) = cursor.fetchone() or (0,)
        position = int(reached) if as_of is None else as_of
        event = next(turn for turn in turns if turn.event_id == asked)
        if event.body is not None and merkle.leaf_hash(event.body.encode()) != event.leaf:
            raise NotProved(f"the body of leaf {event.position} is not what its hash was made of")
        (proven,) = prove(connection, [(event.position, event.leaf)], head_for(connection, event.position))
    finally:
        connection.rollback()
    chain = [turn for turn in turns if turn.position <= position]
    return Story(event, proven, position, chain, states[len(chain) - 1] if chain else None)


def _turns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Turn], list[Mapping[str, Any]]]:
    turns: list[Turn] = []
    states: list[Mapping[str, Any]] = []
    for position, source, sequence, event_id, kind, body, leaf in rows:
        event = json.loads(body) if body else {}
        data = event.get("data", {})
        step = kind.split(".")[2]
        before = states[-1] if states else {}
        changed = bool(turns) and step in ("corrected", "retracted")
        after = (data.get("replacement", {}) if step == "corrected" else before) if changed else data
        turns.append(
            Turn(
                event_id=event_id,
                position=position,
                source=source,
                sequence=sequence,
                type=kind,
                step=step if changed else "stated",
                reason=data.get("reason") if changed else None,
                origin=event.get("origin"),
                time=event.get("time"),
                recorded=event.get("recordedtime"),
                changes=list(_changes(before, after)) if changed else [],
                body=body or None,
                leaf=bytes(leaf),
            )
        )
        states.append(after)
    return turns, states


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each field of which the two say otherwise; None where one does not say it."""
    old, new = dict(_fields(before)), dict(_fields(after))
    for field in sorted({*old, *new}):
        if old.get(field, _MISSING) != new.get(field, _MISSING):
            yield field, old.get(field), new.get(field)


def _fields(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, each in value.items():
        if isinstance(each, dict):
            yield from _fields(each, f"{path}{name}.")
        else:
            yield f"{path}{name}", each


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise UnknownEvent("an event's id is a UUID") from None
