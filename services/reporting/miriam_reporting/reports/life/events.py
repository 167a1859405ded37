"""Reporting's own events: read by report, and recorded together with their leaves in one transaction."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.history import INITIAL, Fact, History, evolve
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import Refusal
from miriam_platform import bodies, store
from miriam_platform.times import brussels_day, timestamp
from miriam_reporting.ledger.add import add
from miriam_reporting.ledger.leaves import RecordedEvent
from miriam_reporting.reports.life import domain
from miriam_reporting.reports.life.errors import MovedOn, Refused, Untrue

SERVICE = "reporting"
ORIGIN = f"/services/{SERVICE}"
_STREAM = "report/"


@dataclass(frozen=True, slots=True)
class Read:
    """A report as its events tell it: the state, and the version that a next event follows."""

    state: History
    version: int
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was recorded: the event's id, its number among reporting's events, and what it says."""

    event_id: str
    sequence: int
    fact: str
    data: Mapping[str, Any]


def read_report(connection: Connection, report: str) -> Read:
    """A report's history; empty where there is none."""
    found = store.read_streams(connection, [_STREAM + report])
    return _read([orjson.loads(each.body) for each in found])


def read_all(connection: Connection) -> dict[str, Read]:
    """Every report by id, in the order in which they were first drafted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select stream from event_store.event where stream like %s group by stream order by min(sequence)",
            (f"{_STREAM}%",),
        )
        streams = [str(stream) for (stream,) in cursor.fetchall()]
    found = store.read_streams(connection, streams)
    by_stream = {
        stream: _read([orjson.loads(each.body) for each in events])
        for stream, events in groupby(found, key=lambda each: each.stream)
    }
    return {stream.removeprefix(_STREAM): by_stream[stream] for stream in streams}


def record(connection: Connection, known: Read, name: str, data: Mapping[str, Any], moment: dt.datetime) -> Step:
    """Judge a step and record it: the event and its leaf, or nothing. Call it last in a transaction, and commit soon.

    Raises Refused where they break their contract or a rule, MovedOn where the report moved on since it was read.
    """
    kind = f"miriam.report.{name}.v1"
    if problems := EVENT_TYPES[kind].load(data):
        raise Refused(problems)
    report = str(data["report"])
    # Random, so that two who take the same step at once have different events, of which one follows.
    origin_id = f"{name}-{report}-{secrets.token_hex(8)}"
    event_id = recorded_id(SERVICE, ORIGIN, origin_id)
    decision = domain.decide(known.state, Fact("report", name, 1, ORIGIN, report, data, event_id, brussels_day(moment)))
    if isinstance(decision, Refusal):
        raise Refused(decision.problems)
    event = bodies.recorded(
        {"source": ORIGIN, "id": origin_id, "subject": report, "type": kind},
        service=SERVICE,
        event_id=event_id,
        correlation=event_id,
        data=data,
        time=timestamp(moment),
        personal_digest=None,
        recorded_time=timestamp(moment),
    )
    head, tail = bodies.halves(event)
    fingerprint = hashlib.sha256(canonical(data)).digest()
    new = store.NewEvent(
        event_id, _STREAM + report, known.version + 1, kind, ORIGIN, origin_id, 0, 1, fingerprint, head, tail
    )
    # The counter's lock first, then the ledger's: whoever writes both takes them in this order.
    (outcome,) = store.append(connection, [new], moment)
    if not isinstance(outcome, store.Recorded):
        raise MovedOn(report)
    leaf = RecordedEvent(SERVICE, outcome.sequence, event_id, kind, f"{head}{outcome.sequence}{tail}")
    added = add(connection, SERVICE, [leaf])
    if added.added != 1:
        raise Untrue(
            f"the ledger has reporting's events up to {added.last}, where {outcome.sequence - 1} came before this one;"
            " run `miriam audit reconcile`"
        )
    return Step(event_id, outcome.sequence, name, data)


def _read(events: list[dict[str, Any]]) -> Read:
    state = INITIAL
    for event in events:
        state = evolve(state, event)
    return Read(state, len(events), tuple(events))
