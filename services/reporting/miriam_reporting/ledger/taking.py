"""Taking events into the ledger, one batch of one source at a time: what the entrypoint calls, and tests without it.

Every step is short (one batch, or one page of its owner's), so that whoever calls can turn to the broker between two.
"""

import time
from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_platform import logging
from miriam_platform.database import Database
from miriam_reporting.ledger.add import Added, add, last_sequence
from miriam_reporting.ledger.leaves import RecordedEvent, Unreadable, read
from miriam_reporting.ledger.owners import Owners, OwnerUnavailable

PAGE = 1000

log = logging.get(__name__)


class Message(Protocol):
    """One message of a source's queue. `user_id` is its sender as the broker vouches for it."""

    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def user_id(self) -> str | None: ...  # noqa: D102


class Step(Enum):
    """What a step of work says to its caller."""

    DONE = "all of the batch is committed, in the ledger or among the alarms: acknowledge it"
    AGAIN = "a missing part was filled: call again with the same batch"
    WAIT = "the owner does not give what is missing, or the ledger refuses: keep the batch and try later"


class Taking:
    """Takes events of one source. One user at a time; each source has its own, so that none waits for another."""

    def __init__(self, source: str, database: Database, owners: Owners) -> None:
        self.source = source
        self._database = database
        self._owners = owners

    def take(self, messages: Sequence[Message]) -> Step:
        """Add a batch. Raises psycopg2's errors of a lost connection: then call again."""
        started = time.perf_counter()
        events, alarms = self._sort(messages)
        try:
            with self._database.transaction() as connection:
                for kind, message, detail in alarms:
                    self._alarm(connection, kind, None, message.body, detail)
                added = add(connection, self.source, events) if events else None
                if added and added.waiting:
                    self._notice(connection, added)
        except (psycopg2.IntegrityError, psycopg2.DataError):
            self._name_the_rejected(events)
            return Step.WAIT
        if added is None:
            return Step.DONE
        self._tell(added, time.perf_counter() - started)
        return self._fill(added.last) if added.waiting else Step.DONE

    def catch_up(self) -> Step:
        """Ask the owner for what follows: the last events of a source could be lost and nothing would show a gap.

        An owner that is down is no hindrance here.
        """
        with self._database.transaction() as connection:
            last = last_sequence(connection, self.source)
        try:
            page = self._owners.events(self.source, last, PAGE)
        except OwnerUnavailable as error:
            log.info("owner not asked", name=self.source, error=str(error))
            return Step.DONE
        if not page:
            return Step.DONE
        taken = self._add_page(page)
        if taken:
            log.info("caught up", name=self.source, count=taken, after=last)
        return Step.AGAIN if taken == PAGE else Step.DONE

    def _fill(self, last: int) -> Step:
        try:
            page = self._owners.events(self.source, last, PAGE)
        except OwnerUnavailable as error:
            log.warning("gap not filled yet", name=self.source, after=last, error=str(error))
            return Step.WAIT
        if self._add_page(page):
            return Step.AGAIN
        log.error("gap not filled: its owner gives nothing", name=self.source, after=last)
        return Step.WAIT

    def _add_page(self, page: list[bytes]) -> int:
        try:
            events = [read(body) for body in page]
        except Unreadable as error:
            log.error("the owner gives what is no recorded event", name=self.source, error=str(error))
            return 0
        if any(event.source != self.source for event in events):
            log.error("the owner gives events of another source", name=self.source)
            return 0
        try:
            with self._database.transaction() as connection:
                added = add(connection, self.source, events)
                with connection.cursor() as cursor:
                    cursor.execute("select ledger.close_gaps(%s)", (self.source,))
        except (psycopg2.IntegrityError, psycopg2.DataError):
            self._name_the_rejected(events)
            return 0
        self._tell(added, None)
        return added.added

    def _sort(self, messages: Sequence[Message]) -> tuple[list[RecordedEvent], list[tuple[str, Message, str]]]:
        events: list[RecordedEvent] = []
        alarms: list[tuple[str, Message, str]] = []
        for message in messages:
            if message.user_id != f"service.{self.source}":
                alarms.append(("sender", message, message.user_id or "none"))
                continue
            try:
                event = read(message.body)
            except Unreadable as error:
                alarms.append(("unreadable", message, str(error)))
                continue
            if event.source == self.source:
                events.append(event)
            else:
                alarms.append(("sender", message, event.source))
        return events, alarms

    def _notice(self, connection: Connection, added: Added) -> None:
        assert added.next is not None
        with connection.cursor() as cursor:
            cursor.execute("select ledger.notice_gap(%s, %s, %s)", (self.source, added.last + 1, added.next - 1))
            row = cursor.fetchone()
        if row and row[0]:
            log.error("gap", name=self.source, after=added.last, count=added.next - added.last - 1, code="gap")

    def _name_the_rejected(self, events: list[RecordedEvent]) -> None:
        for event in sorted(events, key=lambda each: each.sequence):
            try:
                with self._database.transaction() as connection:
                    add(connection, self.source, [event])
            except (psycopg2.IntegrityError, psycopg2.DataError) as error:
                with self._database.transaction() as connection:
                    detail = error.diag.constraint_name or type(error).__name__
                    self._alarm(connection, "rejected", event.sequence, event.body.encode(), detail)
                return

    def _alarm(self, connection: Connection, kind: str, sequence: int | None, body: bytes, detail: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select ledger.raise_alarm(%s, %s, %s, %s, %s)", (kind, self.source, sequence, body, detail[:200])
            )
        log.error("alarm", name=self.source, code=kind, sequence=sequence)

    def _tell(self, added: Added, seconds: float | None) -> None:
        if added.differing:
            log.error("alarm", name=self.source, code="differs", count=added.differing)
        if added.added or added.duplicate:
            log.debug(
                "leaves", name=self.source, recorded=added.added, duplicate=added.duplicate, sequence=added.last,
                seconds=None if seconds is None else round(seconds, 4),
            )  # fmt: skip
