"""From the ledger back into the store: the rows of events that a backup did not hold yet."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.identity import recorded_id
from miriam_platform.admission import stream_of
from miriam_platform.ledger_client import HeldEvent
from miriam_platform.own import WIPED, wiped_stream
from miriam_platform.store import NumberedEvent

# The events of one fact; no domain makes more of one.
_MOST_OF_A_FACT = 100


class UnknownEvent(Exception):
    """The ledger holds an event that this version of the code cannot place: newer code recorded it."""


class _Row(NamedTuple):
    sequence: int
    id: str
    stream: str
    type: str
    origin: str
    origin_id: str
    fact_number: int
    fact_size: int
    body: str | None
    leaf: bytes
    time: dt.datetime


def whole_facts(events: Sequence[HeldEvent], more: bool) -> list[HeldEvent]:
    """The events whose facts are complete among them. `more`: others may follow, so the last fact may go on."""
    if not more:
        return list(events)
    last = _fact_of(events[-1])
    return [event for event in events if last is None or _fact_of(event) != last] or list(events)


def take_back(connection: Connection, service: str, events: Sequence[HeldEvent]) -> int:
    """Add these events, whole facts, to the store as its next numbers; the last number then.

    Raises UnknownEvent, and psycopg2.IntegrityError where they are not the next ones or not what their leaves say.
    """
    rows = _rows(service, events)
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select event_store.take_back(%s::bigint[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::smallint[], %s::smallint[], %s::text[], %s::bytea[], %s::timestamptz[])",
            columns,
        )
        [(last,)] = cursor.fetchall()
        cursor.execute("select relay.skip_to(%s)", (last,))
        return int(last)


def read(event: HeldEvent | NumberedEvent) -> dict[str, Any]:
    """The recorded event in a body that is there."""
    told: dict[str, Any] = orjson.loads(event.body or "")
    return told


def _fact_of(event: HeldEvent) -> tuple[str, str] | None:
    if event.body is None:
        return None
    told = orjson.loads(event.body)
    return told["origin"], told["originid"]


def _rows(service: str, events: Sequence[HeldEvent]) -> list[_Row]:
    facts = [_fact_of(event) for event in events]
    rows = []
    for event, fact in zip(events, facts, strict=True):
        if event.body is None or fact is None:
            # Emptied: what is left of it needs no stream, for nothing is ever decided on it again.
            none = (event.sequence, event.id, f"retired/{event.sequence}", event.type, "", "", 0, 1)
            rows.append(_Row(*none, None, event.leaf, dt.datetime.fromtimestamp(0, dt.UTC)))
            continue
        told: dict[str, Any] = orjson.loads(event.body)
        place = (_stream(service, event.type, told["subject"]), event.type, *fact)
        number, size = _number(service, event, fact), facts.count(fact)
        time = dt.datetime.fromisoformat(told["recordedtime"])
        rows.append(_Row(event.sequence, event.id, *place, number, size, event.body, event.leaf, time))
    return rows


def _stream(service: str, type_: str, subject: str) -> str:
    known = EVENT_TYPES.get(type_)
    if known is None:
        raise UnknownEvent(type_)
    if type_ == WIPED:
        return wiped_stream(subject)
    if known.family in ("door", "key"):
        return f"{known.family}/{subject}"
    return stream_of(known.subject_field, subject)


def _number(service: str, event: HeldEvent, fact: tuple[str, str]) -> int:
    """Which event of its fact it is: its id says so."""
    for number in range(_MOST_OF_A_FACT):
        if recorded_id(service, *fact, number) == event.id:
            return number
    raise UnknownEvent(event.type)
