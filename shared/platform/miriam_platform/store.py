"""The event store of a service: append, and read back by stream, by number, or by the fact as it was emitted."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from psycopg2.extensions import connection as Connection


class NewEvent(NamedTuple):
    """An event ready to be recorded: its canonical body stands open at the place of its number."""

    id: str
    stream: str
    version: int
    type: str
    origin: str
    origin_id: str
    fact_number: int
    fact_size: int
    fingerprint: bytes
    head: str
    tail: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The event was recorded under this number."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An event of this id was recorded before, under this number; nothing was written."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Its stream moved on since it was read; nothing was written of this stream. Read it again and decide again."""


Outcome = Recorded | Duplicate | Conflict


class StreamEvent(NamedTuple):
    """An event of a stream, as recorded. `body` is its canonical JSON, empty where it was emptied by a retirement."""

    stream: str
    version: int
    body: str


class NumberedEvent(NamedTuple):
    """An event by its number. `body` is its canonical JSON, empty where it was emptied by a retirement."""

    sequence: int
    type: str
    body: str


class KnownEvent(NamedTuple):
    """An event of a fact that was recorded before, with the leaf hash of its stored bytes."""

    id: str
    sequence: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact that was recorded before: the fingerprint of what was emitted, and the events it gave."""

    fingerprint: bytes
    events: tuple[KnownEvent, ...]


_APPEND = """
select place, outcome, sequence
  from event_store.append(%s::uuid[], %s::text[], %s::integer[], %s::text[], %s::text[], %s::text[],
                          %s::smallint[], %s::smallint[], %s::bytea[], %s::text[], %s::text[], %s::timestamptz)
"""


def append(connection: Connection, events: Sequence[NewEvent], recorded_at: dt.datetime) -> list[Outcome]:
    """Record events in their order and answer what became of each, in the same order.

    Call it last in a transaction, and commit soon: until then every other append to this store waits.
    A stream's events are recorded together or not at all; they must come with consecutive versions.
    """
    if not events:
        return []
    columns = [list(column) for column in zip(*events, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, (*columns, recorded_at))
        return [_outcome(outcome, sequence) for _, outcome, sequence in cursor.fetchall()]


def _outcome(name: str, sequence: int | None) -> Outcome:
    if sequence is None:
        return Conflict()
    return Recorded(sequence) if name == "recorded" else Duplicate(sequence)


def read_streams(connection: Connection, streams: Iterable[str]) -> list[StreamEvent]:
    """The events of the given streams; each stream's stand together, in the order of their versions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select stream, version, coalesce(body, '') from event_store.read_streams(%s::text[])", (list(streams),)
        )
        return [StreamEvent(*row) for row in cursor.fetchall()]


def stream_versions(connection: Connection, streams: Iterable[str]) -> dict[str, int]:
    """The newest version of each of the given streams; 0 for one that has no events."""
    asked = list(streams)
    with connection.cursor() as cursor:
        cursor.execute("select stream, version from event_store.stream_versions(%s::text[])", (asked,))
        return {**dict.fromkeys(asked, 0), **dict(cursor.fetchall())}


def read_after(connection: Connection, after: int, maximum: int) -> list[NumberedEvent]:
    """Up to `maximum` events with numbers beyond `after`, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select sequence, type, coalesce(body, '') from event_store.read_after(%s, %s)", (after, maximum)
        )
        return [NumberedEvent(*row) for row in cursor.fetchall()]


def read_leaves_after(connection: Connection, after: int, maximum: int) -> list[str]:
    """The bodies of up to `maximum` events with numbers beyond `after`, in order; of one that was emptied,
    `{"sequence", "id", "retired": true, "leaf"}`.
    """
    with connection.cursor() as cursor:
        cursor.execute("select * from event_store.read_leaves_after(%s, %s)", (after, maximum))
        return [
            body if body is not None else _emptied(sequence, event_id, bytes(leaf))
            for sequence, event_id, body, leaf in cursor.fetchall()
        ]


def _emptied(sequence: int, event_id: str, leaf: bytes) -> str:
    return json.dumps({"sequence": sequence, "id": event_id, "retired": True, "leaf": leaf.hex()})


def retired_among(connection: Connection, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (kind, name) are retired; kinds are edition, project and stream. No retirement is announced until
    the transaction ends.
    """
    asked = sorted(set(names))
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, name from event_store.retired_among(%s::text[], %s::text[])",
            ([kind for kind, _ in asked], [name for _, name in asked]),
        )
        return set(cursor.fetchall())


def read_type(connection: Connection, type_: str, after: int, maximum: int) -> list[NumberedEvent]:
    """Up to `maximum` events of a type with numbers beyond `after`, in order; their bodies, unless emptied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select sequence, body from event_store.read_type(%s, %s, %s) where body is not null",
            (type_, after, maximum),
        )
        return [NumberedEvent(sequence, type_, body) for sequence, body in cursor.fetchall()]


def body_of(connection: Connection, event_id: str) -> str | None:
    """The body of a recorded event; None where it was emptied, or never was."""
    with connection.cursor() as cursor:
        cursor.execute("select body from event_store.event where id = %s", (event_id,))
        row = cursor.fetchone()
        return None if row is None else row[0]


def leaf_of(connection: Connection, sequence: int) -> bytes | None:
    """The hash under which the ledger holds the event of a number; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select event_store.leaf_of(%s)", (sequence,))
        [(leaf,)] = cursor.fetchall()
        return None if leaf is None else bytes(leaf)


def last_sequence(connection: Connection) -> int:
    """The number of the newest recorded event; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("select event_store.last_sequence()")
        [(answer,)] = cursor.fetchall()
        return int(answer)


def find_facts(connection: Connection, first_ids: Iterable[str]) -> dict[str, KnownFact]:
    """What was recorded of facts, by the recorded id of their first event; a fact never seen is not in the answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select first_id::text, fingerprint, id::text, sequence, leaf from event_store.find_facts(%s::uuid[])",
            (list(first_ids),),
        )
        found: dict[str, KnownFact] = {}
        for first_id, fingerprint, event_id, sequence, leaf in cursor.fetchall():
            event = KnownEvent(event_id, sequence, bytes(leaf))
            known = found.get(first_id)
            events = (event,) if known is None else (*known.events, event)
            found[first_id] = KnownFact(bytes(fingerprint), events)
        return found
