"""What an operator sees of the door, and decides: rules, fields, senders and times, never a payload."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.problems import Problem


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
 where (%(emitter)s::text is null or emitter = %(emitter)s)
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
    connection: Connection, *, emitter: str | None = None, waiting: bool = True, limit: int = 50
) -> list[ParkedEvent]:
    """Parked events in their order; `waiting`: only those that are neither settled nor discarded."""
    with connection.cursor() as cursor:
        cursor.execute(_PARKED, {"emitter": emitter, "waiting": waiting, "limit": limit})
        return [ParkedEvent(*row) for row in cursor.fetchall()]


def retry_refusal(connection: Connection, number: int) -> bool:
    """Have the inbox try a kept refusal again, within a few seconds; false where none is kept under that number."""
    return bool(_one(connection, "select door.decide_refusal(%s, 'asked')", number))


def discard_refusal(connection: Connection, number: int) -> bool:
    """Give a kept refusal up and empty its payload; false where none is kept under that number."""
    return bool(_one(connection, "select door.decide_refusal(%s, 'discarded')", number))


def retry_parked(connection: Connection, emitter: str, subject: str) -> int:
    """Have the inbox try the parked events of a subject again, in order; how many there are."""
    return int(_one(connection, "select door.retry_parked(%s, %s)", emitter, subject))


def discard_parked(connection: Connection, position: int) -> bool:
    """Give a parked event up and empty its payload; false where none is parked at that position."""
    return bool(_one(connection, "select door.discard_parked(%s)", position))


def _one(connection: Connection, query: str, *values: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
        return row[0] if row else None
