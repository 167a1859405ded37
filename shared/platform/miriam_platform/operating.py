"""What an operator sees of the door, and decides: rules, fields, senders and times, never a payload."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.problems import Problem

# As the table of decisions holds it (sql/door/017_decision.sql).
ACTOR_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
REASON_LENGTH = (3, 300)


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """A refusal. `times`: how often the message was sent; `status`: kept, asked, retried or discarded."""

    number: int
    emitter: str
    emitted_id: str | None
    emitted_type: str | None
    subject: str | None
    correlation: str | None
    problems: tuple[Problem, ...]
    times: int
    status: str
    first_refused_at: dt.datetime
    last_refused_at: dt.datetime
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who decides (a name after ACTOR_PATTERN), and why: 3 to 300 characters that name nobody."""

    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a refusal or a parked event: `action` is retry or discard."""

    action: str
    actor: str
    reason: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that is or was parked. `error` names exception and place; `attempts` is 0 for a mere follower."""

    position: int
    emitter: str
    subject: str
    emitted_id: str | None
    emitted_type: str | None
    correlation: str | None
    attempts: int
    error: str
    status: str
    parked_at: dt.datetime


_REFUSALS = """
select number, emitter, emitted_id, emitted_type, subject, correlation, problems, times, status,
       first_refused_at, last_refused_at, expires_at
  from door.refusal
 where (%(number)s::bigint is null or number = %(number)s)
   and (%(emitter)s::text is null or emitter = %(emitter)s)
   and (%(rule)s::text is null or rule = %(rule)s)
   and (%(status)s::text is null or status = %(status)s)
 order by number desc
 limit %(limit)s
"""

_PARKED = """
select position, emitter, subject, emitted_id, emitted_type, correlation, attempts, error, status, parked_at
  from door.parked
 where (%(position)s::bigint is null or position = %(position)s)
   and (%(emitter)s::text is null or emitter = %(emitter)s)
   and (%(subject)s::text is null or subject = %(subject)s)
   and (%(waiting)s is false or status in ('parked', 'asked'))
 order by position
 limit %(limit)s
"""


def refusals(
    connection: Connection,
    *,
    number: int | None = None,
    emitter: str | None = None,
    rule: str | None = None,
    status: str | None = None,
    limit: int = 50,
) -> list[KeptRefusal]:
    """Refusals, the newest first, as far as they fit every condition given."""
    asked = {"number": number, "emitter": emitter, "rule": rule, "status": status, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_REFUSALS, asked)
        rows: list[list[Any]] = [[*row] for row in cursor.fetchall()]
    for row in rows:
        row[6] = tuple(Problem(**problem) for problem in row[6])
    return [KeptRefusal(*row) for row in rows]


def parked(
    connection: Connection,
    *,
    position: int | None = None,
    emitter: str | None = None,
    subject: str | None = None,
    waiting: bool = True,
    limit: int = 50,
) -> list[ParkedEvent]:
    """Parked events in their order; `waiting`: only those that are neither settled nor discarded."""
    asked = {"position": position, "emitter": emitter, "subject": subject, "waiting": waiting, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_PARKED, asked)
        return [ParkedEvent(*row) for row in cursor.fetchall()]


def decisions(connection: Connection, kind: str, place: int) -> list[Decision]:
    """What was decided, in order: about a refusal (by number), or, of kind `parked`, a parked event (by position)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select action, actor, reason, decided_at from door.decision"
            " where kind = %s and place = %s order by number",
            (kind, place),
        )
        return [Decision(*row) for row in cursor.fetchall()]


def retry_refusal(connection: Connection, number: int, by: By) -> bool:
    """Have the inbox try a kept refusal again, within a few seconds; false where none is kept under that number."""
    return _noted(connection, "refusal", "retry", by, _refusal_decided(connection, number, "asked"))


def discard_refusal(connection: Connection, number: int, by: By) -> bool:
    """Give a kept refusal up and empty its payload; false where none is kept under that number."""
    return _noted(connection, "refusal", "discard", by, _refusal_decided(connection, number, "discarded"))


def retry_parked(connection: Connection, emitter: str, subject: str, by: By) -> int:
    """Have the inbox try the parked events of a subject again, in order; how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("select door.ask_parked(%s, %s)", (emitter, subject))
        places = [int(place) for (place,) in cursor.fetchall()]
    _noted(connection, "parked", "retry", by, places)
    return len(places)


def discard_parked(connection: Connection, position: int, by: By) -> bool:
    """Give a parked event up and empty its payload; false where none is parked at that position."""
    done = _true(connection, "select door.discard_parked(%s)", position)
    return _noted(connection, "parked", "discard", by, [position] if done else [])


def _refusal_decided(connection: Connection, number: int, decision: str) -> list[int]:
    return [number] if _true(connection, "select door.decide_refusal(%s, %s)", number, decision) else []


def _noted(connection: Connection, kind: str, action: str, by: By, places: list[int]) -> bool:
    """Note the decision about each of these; false where there are none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select door.note_decisions(%s, %s::bigint[], %s, %s, %s)", (kind, places, action, by.actor, by.reason)
        )
    return bool(places)


def _true(connection: Connection, query: str, *values: object) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
        return bool(row and row[0])
