"""Editions that stay laid out: evidence is asked for page by page, and what takes long is laying out, not asking.

Each is held by a database session of its own, in temporary tables: nobody else sees them, nothing is written into the
schema, and they end with the session. What stood at a position never changes, so a layout holds for as long as the
facts are the same ones (`kept.generation`: others after a rebuild, and after a retirement); and it holds for all later
positions up to which nothing came that matters to its edition.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from psycopg2.extensions import connection as Connection

from miriam_platform.database import LOST, connect
from miriam_platform.pool import Pool
from miriam_reporting.facts.mentions import last_that_matters
from miriam_reporting.indicators.standing import Standing, needed, standing
from miriam_reporting.reports import kept
from miriam_reporting.reports.errors import PositionBeyondHead
from miriam_reporting.reports.retired import refuse_retired
from miriam_reporting.reports.snapshot import lay_out_to_keep, opened

# Depends on the position itself, whatever was laid out before it.
_OF_THE_POSITION = "gap_at"
MOST = 6


@dataclass(frozen=True, slots=True)
class _Now:
    """What is asked now: of which facts, the position meant, and the last one that matters to the edition."""

    facts: str
    position: int
    last: int


@dataclass(slots=True, eq=False)
class _Layout:
    """One edition as it stood, in a session. `lock` is held by who uses it; `users` have it or wait for it."""

    edition: str
    position: int
    facts: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    used_at: float = 0.0
    connection: Connection | None = None
    names: set[str] = field(default_factory=set)

    def holds(self, edition: str, now: _Now) -> bool:
        """Whether it is what stands at the position asked for."""
        if (self.edition, self.facts) != (edition, now.facts):
            return False
        return self.position == now.position or now.last <= min(self.position, now.position)

    def close(self) -> None:
        """End the session, and with it what is laid out."""
        if self.connection is not None:
            with contextlib.suppress(*LOST):
                self.connection.close()
        self.connection = None
        self.names.clear()


class Layouts:
    """Up to `most` layouts; the one that was not used for longest makes room. For many threads."""

    def __init__(self, url: str, name: str, database: Pool, most: int = MOST) -> None:
        self._url, self._name, self._database, self._most = url, name, database, most
        self._lock = threading.Lock()
        self._layouts: list[_Layout] = []

    @contextlib.contextmanager
    def of(self, edition: str, as_of: int | None, statements: Iterable[str]) -> Iterator[tuple[Connection, int]]:
        """A session in which all that these statements read is laid out, as it stood at `as_of` (default: all that is
        projected), and that position. What runs in it must only read.

        Raises PositionBeyondHead, UnknownEdition, RetiredEdition, and one of LOST where the server is away.
        """
        facts = needed(statements)
        now = self._database.ask(lambda connection: _now(connection, edition, as_of))
        layout = self._take(edition, now, any(each.name == _OF_THE_POSITION for each in facts))
        try:
            with layout.lock:
                connection = self._ready(layout, facts)
                try:
                    with connection:
                        yield connection, now.position
                except LOST:
                    # The next one who asks begins anew.
                    layout.close()
                    raise
        finally:
            self._give_back(layout)

    def warm(self, edition: str) -> None:
        """Lay out all that stands now in an edition, for who asks next. Raises as `of` does."""
        with self.of(edition, None, [each.name for each in standing() if each.name != _OF_THE_POSITION]):
            pass

    def forget_others(self) -> None:
        """End the layouts of facts that are no more: after a retirement nothing of them may stay."""
        with self._lock:
            if not self._layouts:
                return
        facts = self._database.ask(kept.generation)
        self._forget(lambda each: each.facts != facts)

    def close(self) -> None:
        """End all sessions."""
        self._forget(lambda _: True)

    def _forget(self, gone: Callable[[_Layout], bool]) -> None:
        with self._lock:
            some = [each for each in self._layouts if gone(each)]
            self._layouts = [each for each in self._layouts if each not in some]
        for each in some:
            with each.lock:
                each.close()

    def _take(self, edition: str, now: _Now, exactly: bool) -> _Layout:
        """The layout that holds, or a new one with room made for it; for the caller until it is given back."""
        with self._lock:
            fitting = (each for each in self._layouts if each.holds(edition, now))
            found = next((each for each in fitting if not exactly or each.position == now.position), None)
            if found is None:
                found = _Layout(edition, now.position, now.facts)
                self._layouts.append(found)
            found.users += 1
            found.used_at = time.monotonic()
            idle = sorted((each for each in self._layouts if not each.users), key=lambda each: each.used_at)
            for each in idle[: max(0, len(self._layouts) - self._most)]:
                self._layouts.remove(each)
                each.close()
            return found

    def _give_back(self, layout: _Layout) -> None:
        with self._lock:
            layout.users -= 1
            empty = layout.connection is None
            if empty and layout in self._layouts:
                self._layouts.remove(layout)
            if not layout.users and layout not in self._layouts:
                layout.close()

    def _ready(self, layout: _Layout, facts: Sequence[Standing]) -> Connection:
        """Its session, with what is missing laid out: of the same position, so it fits what was laid out before."""
        connection = layout.connection
        if connection is None or not _lives(connection):
            layout.close()
            connection = layout.connection = connect(self._url, self._name)
        missing = [each for each in facts if each.name not in layout.names]
        if not missing:
            return connection
        try:
            with opened(connection, layout.position):
                lay_out_to_keep(connection, layout.edition, layout.position, missing)
                # `opened` ends by rolling back what is not committed.
                connection.commit()
        except BaseException:
            layout.close()
            raise
        layout.names.update(each.name for each in missing)
        return connection


def _lives(connection: Connection) -> bool:
    """Whether a session that was idle is still there: a server that was restarted has ended it."""
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select 1")
    except LOST:
        return False
    return True


def _now(connection: Connection, edition: str, as_of: int | None) -> _Now:
    # From the first moment: until the retirement goes its first step, what is laid out of its facts is there.
    refuse_retired(connection, edition)
    with connection.cursor() as cursor:
        cursor.execute("select kept.generation(), (select position from facts.checkpoint)")
        [(facts, reached)] = cursor.fetchall()
    position = int(reached) if as_of is None else as_of
    if not 0 <= position <= reached:
        raise PositionBeyondHead(position, reached)
    return _Now(str(facts), position, last_that_matters(connection, edition))
