"""The receipts of one emitter once more, made of what is stored and signed anew: no row is written for them.

Recorded are the facts of its source, in the order of their numbers; refused is what the door keeps of it, for 90 days;
parked is what was parked, also where it was settled since. A duplicate leaves nothing behind: its receipt says no more
than that of the first. A refusal says the rules that were broken the last time. The time of each is when that was.
"""

import datetime as dt
import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from psycopg2.extensions import connection as Connection

from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import Problem
from miriam_platform.deliveries import OutcomeName
from miriam_platform.store import KnownEvent
from miriam_platform.tokens import Holder

_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


class Cursor(NamedTuple):
    """How far an emitter has read: the number of a recorded event, of a refusal, the position of a parked event."""

    sequence: int = 0
    refusal: int = 0
    parked: int = 0

    def __str__(self) -> str:
        return ".".join(map(str, self))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a receipt says. `since`: when it first held; `time`: when it was said last; `place`: a cursor behind it."""

    outcome: OutcomeName
    place: Cursor
    since: dt.datetime
    time: dt.datetime
    emitted_id: str | None
    subject: str | None
    events: tuple[KnownEvent, ...] = ()
    problems: tuple[Problem, ...] = ()


def cursor_of(text: str) -> Cursor | None:
    """The cursor that a text stands for; the beginning where it is empty, None where it is none of ours."""
    if not text:
        return Cursor()
    match = _CURSOR.fullmatch(text)
    return Cursor(*map(int, match.groups())) if match else None


def page(connection: Connection, holder: Holder, after: Cursor, limit: int) -> tuple[list[Kept], Cursor]:
    """Up to `limit` receipts behind a cursor, the oldest first, and the cursor behind them.

    Each of the three kinds stands in its own order, whatever a clock did; between them, time decides.
    """
    kinds = (
        _recorded(connection, holder, after.sequence, limit),
        _refused(connection, holder, None, after.refusal, limit),
        _parked(connection, holder, None, after.parked, limit),
    )
    found = list(heapq.merge(*kinds, key=lambda kept: kept.since))[:limit]
    places = [after, *(kept.place for kept in found)]
    return found, Cursor(*(max(column) for column in zip(*places, strict=True)))


def latest(connection: Connection, service: str, holder: Holder, emitted_id: str) -> Kept | None:
    """The newest receipt of an event, by the id that its emitter gave it; None where nothing is known of it."""
    with connection.cursor() as cursor:
        first = recorded_id(service, holder.source, emitted_id)
        cursor.execute("select sequence from event_store.event where id = %s", (first,))
        row = cursor.fetchone()
    found = [] if row is None else _recorded(connection, holder, row[0] - 1, 1)
    found += _refused(connection, holder, emitted_id, 0, _ALL)
    found += _parked(connection, holder, emitted_id, 0, _ALL)
    return max(found, key=lambda kept: kept.time, default=None)


# Of one event: there are as many refusals as contents that were tried under its id.
_ALL = 10_000


def _recorded(connection: Connection, holder: Holder, after: int, limit: int) -> list[Kept]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select first, origin_id, subject, recorded_at, id::text, sequence, leaf"
            "  from event_store.facts_of(%s, %s, %s)",
            (holder.source, after, limit),
        )
        rows = cursor.fetchall()
    return list(_facts(rows))


def _facts(rows: Sequence[tuple[int, str, str, dt.datetime, str, int, bytes]]) -> Iterator[Kept]:
    for first, group in groupby(rows, key=itemgetter(0)):
        of_fact = list(group)
        _, emitted_id, subject, at, *_ = of_fact[0]
        events = tuple(KnownEvent(id_, sequence, bytes(leaf)) for *_, id_, sequence, leaf in of_fact)
        yield Kept("recorded", Cursor(sequence=first), at, at, emitted_id, subject, events)


def _refused(connection: Connection, holder: Holder, emitted_id: str | None, after: int, limit: int) -> list[Kept]:
    with connection.cursor() as cursor:
        cursor.execute("select * from door.refusals_of(%s, %s, %s, %s)", (holder.name, emitted_id, after, limit))
        return [
            Kept(
                "refused", Cursor(refusal=number), first_at, last_at, id_, subject,
                problems=tuple(Problem(**problem) for problem in problems),
            )
            for number, id_, subject, problems, first_at, last_at in cursor.fetchall()
        ]  # fmt: skip


def _parked(connection: Connection, holder: Holder, emitted_id: str | None, after: int, limit: int) -> list[Kept]:
    with connection.cursor() as cursor:
        cursor.execute("select * from door.parked_of(%s, %s, %s, %s)", (holder.name, emitted_id, after, limit))
        return [
            Kept("parked", Cursor(parked=position), at, at, id_, subject)
            for position, id_, subject, at in cursor.fetchall()
        ]
