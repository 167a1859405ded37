"""As of when: a position of the ledger, or a day, which means the last head signed until its end in Brussels.

History is cut by position, not by clock: a day only finds the position, and the answer names both.
"""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from psycopg2.extensions import connection as Connection

from miriam_platform.times import BRUSSELS, brussels_day, now
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.log_keys import log_origin
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.current import QuickReport
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.model import Answered, Explanation, Report, TreeHead
from miriam_transparency.notes import Checkpoint, Note

_POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Answer = TypeVar("Answer", Report, QuickReport, Explanation)


class BadAsOf(ReportError):
    """Neither a position nor a day that has been."""

    code = "bad_argument"


class NotBeenYet(BadAsOf):
    """The day is still to come."""

    def __init__(self, day: str) -> None:
        super().__init__(f"{day} has not been yet")
        self.day = day


class NoCheckpointYet(ReportError):
    """Until the end of that `day` no head of the ledger had been signed; `first` is when one was, if ever."""

    code = "no_checkpoint_yet"

    def __init__(self, day: str, first: str | None) -> None:
        told = f"the first head was signed on {first}" if first else "no head was signed so far"
        super().__init__(f"until the end of {day} no head of the ledger had been signed: {told}")
        self.day, self.first = day, first


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was asked for, and the position that it means: None for all that is there.

    `day` is the day, in Brussels, on which the head was signed that stands for the day asked for; it is that day
    itself, or where none was signed on it, the last before.
    """

    asked: int | str | None
    position: int | None
    day: str | None = None

    @property
    def is_earlier_day(self) -> bool:
        """Whether nothing was signed on the day asked for, so that an earlier one stands for it."""
        return self.day is not None and self.day != self.asked


HEAD = AsOf(None, None)


def resolve(connection: Connection, text: str | int | None, today: str | None = None) -> AsOf:
    """What `text` means: a position (`4711`), a day (`2024-05-06`), or None for all that is there.

    `today` is the last day that can be asked for (default: today in Brussels). Needs a connection outside a
    transaction, and leaves it so. Raises BadAsOf, NoCheckpointYet.
    """
    if text is None:
        return HEAD
    if isinstance(text, int) or _POSITION.fullmatch(text):
        return AsOf(int(text), int(text))
    day = _day(text)
    if day.isoformat() > (today or brussels_day(now())):
        raise NotBeenYet(text)
    with looking(connection):
        signed = checkpoints.last_of_day(connection, day)
        first = None if signed else _first_day(connection)
    if signed is None:
        raise NoCheckpointYet(text, first)
    return AsOf(text, signed.size, signed.signed_at.astimezone(BRUSSELS).date().isoformat())


def answered(connection: Connection, found: Answer, asked: AsOf = HEAD) -> Answer:
    """The report or explanation with what was asked for, and the head of the tree at its position.

    The head is computed from the leaves: the same for ever, whatever was signed later.
    """
    position = found.position
    with looking(connection):
        head = TreeHead(origin(connection), position, root_at(connection, position))
    told = Answered(position if asked.asked is None else asked.asked, asked.day, head)
    return replace(found, answered=told)


def origin(connection: Connection) -> str:
    """The name of the log: as it signs; before it has, MIRIAM_LOG_ORIGIN or its default."""
    with connection.cursor() as cursor:
        cursor.execute("select note from ledger.checkpoint order by size desc limit 1")
        row = cursor.fetchone()
    if row is not None:
        return Checkpoint.parse(Note.parse(row[0]).text).origin
    return log_origin()


@contextmanager
def looking(connection: Connection) -> Iterator[None]:
    """A few reads, and the transaction that they began is ended: reports need a connection outside of one."""
    try:
        yield
    finally:
        if not connection.closed:
            connection.rollback()


def _day(text: str) -> dt.date:
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise BadAsOf("as_of is neither a position of the ledger nor a day (YYYY-MM-DD)")


def _first_day(connection: Connection) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("select min(signed_at) from ledger.checkpoint")
        row = cursor.fetchone()
    return brussels_day(row[0]) if row and row[0] else None
