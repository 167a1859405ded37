"""Somebody who owns the database server, and perhaps the log's key: what he changes, how carefully he covers it up.

clumsy    the row alone
careful   every number, hash, column, tile and head that follows from it as well; signatures stay as they were
signed    the same, and the log's key at hand: every head that was signed is dropped, the new one signed anew
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import orjson
import psycopg2
from psycopg2.extensions import connection as Connection
from small_platform import SmallPlatform

from miriam_contracts.canonical import canonical
from miriam_contracts.identity import recorded_id
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tiles import extend

# The row that is changed: of the first emitter, in the middle, with events of the other around it.
VICTIM = 3
_LEAF = "update ledger.leaf set {} where source = 'sessions' and sequence = 3"
_MOVE = "update {0} set {1} = %s where {1} = %s"
_FAR = 1_000_000


def forge(platform: SmallPlatform, place: str, change: str, care: str) -> None:
    """Do it: `place` is a service's event store, or `ledger`."""
    if place != "ledger":
        with platform.superuser(place) as connection:
            _STORE[care](connection, change)
        return
    if care == "clumsy":
        with platform.superuser("reporting") as connection:
            _clumsy_ledger(connection, change)
        return
    _rewrite_ledger(platform, change)
    if care == "signed":
        with platform.superuser("reporting") as connection, connection.cursor() as cursor:
            cursor.execute("truncate ledger.checkpoint, ledger.cosignature")
        platform.log_keys.signed.unlink()
        platform.sign()


def invent(platform: SmallPlatform, service: str) -> None:
    """Put an event that its CPAS never sent at the end of a service's store, as if it had been recorded."""
    with platform.superuser(service) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select body, (select last_sequence from event_store.counter) from event_store.event where sequence = %s",
            (VICTIM,),
        )
        body, last = cursor.fetchone() or ("", 0)
        _insert(cursor, last + 1, {**_invented(body), "sequence": last + 1}, VICTIM)
        cursor.execute("update event_store.counter set last_sequence = last_sequence + 1")


def _altered(body: str) -> dict[str, Any]:
    """The event with another day in it: the figures of a month change."""
    event: dict[str, Any] = json.loads(body)
    event["data"]["occurred_on"] = "2023-01-01"
    return event


def _invented(body: str) -> dict[str, Any]:
    """An event as like to its model as can be, of another subject, which nobody emitted."""
    subject = json.loads(body)["subject"]
    event: dict[str, Any] = json.loads(body.replace(f'"{subject}"', f'"{subject}-more"'))
    event["originid"] = f"{event['originid']}-more"
    event["id"] = recorded_id(event["source"].rpartition("/")[2], event["origin"], event["originid"])
    return event


def _text(event: dict[str, Any]) -> str:
    return canonical(event).decode()


# --- Event stores -----------------------------------------------------------------------------------------------------


def _clumsy_store(connection: Connection, change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select sequence, body from event_store.event order by sequence")
        rows = dict(cursor.fetchall())
        victim, last = min(VICTIM, len(rows) - 1), max(rows)
        if change == "change":
            cursor.execute(
                "update event_store.event set body = %s where sequence = %s", (_text(_altered(rows[victim])), victim)
            )
        elif change == "delete":
            cursor.execute("delete from event_store.event where sequence = %s", (victim,))
        elif change == "tail":
            cursor.execute("delete from event_store.event where sequence = %s", (last,))
        elif change == "insert":
            _insert(cursor, last + 1, {**_invented(rows[victim]), "sequence": last + 1}, victim)
        else:
            for here, there in ((victim, _FAR), (victim + 1, victim), (_FAR, victim + 1)):
                cursor.execute(_MOVE.format("event_store.event", "sequence"), (there, here))


def _careful_store(connection: Connection, change: str) -> None:
    """Numbers without a hole, bodies that say them, a counter that knows them."""
    with connection.cursor() as cursor:
        cursor.execute("select sequence, body from event_store.event order by sequence")
        bodies = [body for _, body in cursor.fetchall()]
        victim = min(VICTIM, len(bodies) - 1) - 1
        if change == "change":
            cursor.execute(
                "update event_store.event set body = %s where sequence = %s",
                (_text(_altered(bodies[victim])), victim + 1),
            )
            return
        if change == "insert":
            # In the middle, all that follow moved up by one.
            cursor.execute("update event_store.event set sequence = sequence + %s where sequence > %s", (_FAR, victim))
            cursor.execute(
                "update event_store.event set sequence = sequence - %s + 1,"
                "  body = replace(body, '\"sequence\":' || sequence - %s || ',',"
                "                       '\"sequence\":' || sequence - %s + 1 || ',') where sequence > %s",
                (_FAR, _FAR, _FAR, _FAR),
            )
            _insert(cursor, victim + 1, {**_invented(bodies[victim]), "sequence": victim + 1}, victim + 2)
        elif change == "reorder":
            for here, there in ((victim + 1, _FAR), (victim + 2, victim + 1), (_FAR, victim + 2)):
                cursor.execute(
                    "update event_store.event set sequence = %s, body = replace(body, %s, %s) where sequence = %s",
                    (there, f'"sequence":{here},', f'"sequence":{there},', here),
                )
        else:
            gone = len(bodies) if change == "tail" else victim + 1
            cursor.execute("delete from event_store.event where sequence = %s", (gone,))
            for number in range(gone + 1, len(bodies) + 1):
                cursor.execute(
                    "update event_store.event set sequence = %s, body = replace(body, %s, %s) where sequence = %s",
                    (number - 1, f'"sequence":{number},', f'"sequence":{number - 1},', number),
                )
        cursor.execute("update event_store.counter set last_sequence = (select max(sequence) from event_store.event)")


def _insert(cursor: Any, sequence: int, event: dict[str, Any], model: int) -> None:
    cursor.execute(
        "insert into event_store.event (sequence, id, stream, version, type, origin, origin_id, fact_number, fact_size,"
        "                               fingerprint, body, recorded_at)"
        " select %s, %s, stream || '-more', 1, type, origin, %s, fact_number, fact_size, fingerprint, %s,"
        "        recorded_at from event_store.event where sequence = %s",
        (sequence, event["id"], event["originid"], _text(event), model),
    )
    assert cursor.rowcount == 1


_STORE: dict[str, Callable[[Connection, str], None]] = {"clumsy": _clumsy_store, "careful": _careful_store}


# --- The ledger -------------------------------------------------------------------------------------------------------


def _clumsy_ledger(connection: Connection, change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select position, body from ledger.leaf where source = 'sessions' and sequence = %s", (VICTIM,))
        position, body = cursor.fetchone() or (0, "")
        if change == "change":
            cursor.execute(_LEAF.format("body = %s"), (_text(_altered(body)),))
        elif change == "delete":
            cursor.execute("delete from ledger.leaf where position = %s", (position,))
        elif change == "tail":
            cursor.execute("delete from ledger.leaf where position = (select position from ledger.head)")
        elif change == "insert":
            event = _invented(body)
            cursor.execute("select max(sequence) + 1 from ledger.leaf where source = 'sessions'")
            (event["sequence"],) = cursor.fetchone() or (0,)
            cursor.execute(
                "insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)"
                " select head.position + 1, leaf.source, %s, %s, leaf.type, given.body,"
                "        sha256('\\x00'::bytea || convert_to(given.body, 'UTF8')), given.body::jsonb"
                "   from ledger.head, ledger.leaf, (select %s::text as body) as given where leaf.position = %s",
                (event["sequence"], event["id"], _text(event), position),
            )
        else:
            for here, there in ((position, _FAR), (position + 1, position), (_FAR, position + 1)):
                cursor.execute(_MOVE.format("ledger.leaf", "position"), (there, here))


def _rewrite_ledger(platform: SmallPlatform, change: str) -> None:
    """The ledger as it would be, had the change always been so: by the ledger's own code."""
    with platform.superuser("reporting") as connection, connection.cursor() as cursor:
        cursor.execute("select body from ledger.leaf order by position")
        events = [json.loads(body) for (body,) in cursor.fetchall()]
        at = next(n for n, e in enumerate(events) if e["source"] == "/services/sessions" and e["sequence"] == VICTIM)
        if change == "change":
            events[at] = _altered(orjson.dumps(events[at]).decode())
        elif change == "insert":
            events.insert(at, _invented(orjson.dumps(events[at]).decode()))
        elif change == "reorder":
            # With the next of another source: each source's own order stays what it was.
            other = next(n for n in range(at + 1, len(events)) if events[n]["source"] != events[at]["source"])
            events[other - 1], events[other] = events[other], events[other - 1]
        else:
            del events[-1 if change == "tail" else at]
        cursor.execute("delete from ledger.leaf")
        cursor.execute("truncate ledger.tile, ledger.milestone, ledger.source")
        cursor.execute("update ledger.head set position = 0")
        head = load_leaves(connection, _numbered(events))
        cursor.execute("select ledger.set_milestones()")
    with closing(psycopg2.connect(platform.reporting.owner_url)) as owner:
        extend(owner, head)


def _numbered(events: list[dict[str, Any]]) -> list[bytes]:
    """Each source's numbers without a hole, each id once."""
    last: dict[str, int] = {}
    bodies = []
    for event in events:
        number = last[event["source"]] = last.get(event["source"], 0) + 1
        bodies.append(canonical({**event, "sequence": number}))
    assert len({uuid.UUID(event["id"]) for event in events}) == len(events)
    return bodies
