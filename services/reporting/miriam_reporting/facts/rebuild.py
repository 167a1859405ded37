"""Rebuild: the facts are filled anew beside the old ones, compared with them, and swapped in one transaction.

Two database sessions share the work (sharing.py), ranges of leaves in order: so both read the same part of the ledger
while it is in memory. The indexes are built when a table is full.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_platform import database
from miriam_reporting.facts import history, mentions, schema
from miriam_reporting.facts.comparison import Difference, differences
from miriam_reporting.facts.definitions import Definition, FactTable, definition
from miriam_reporting.facts.projection import LOCK, advance, close, insert, retract
from miriam_reporting.facts.schema import LIVE, NEXT
from miriam_reporting.facts.sharing import NOTICE_DEATH, Task, share

CHUNK = 200_000
# Below this distance from the ledger's head the swap may begin: what is left is projected inside it.
NEAR = 2_000
_OLD = "facts_old"
# How long the swap stands in the queue for the tables at a time, how long it leaves them to others in between, and how
# long it is tried in all.
TURN_MILLISECONDS = 300
_PAUSE_SECONDS = 0.7
PATIENCE_SECONDS = 600.0
_REBUILD_LOCK = 0x4D69726562

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: `position` leaves projected; `differences` between the old facts and the new.

    The old facts are compared only where they were made from the same definition.
    """

    position: int
    compared: bool
    differences: list[Difference]


class RebuildRunning(Exception):
    """Another rebuild holds the lock."""


class FactsDiffer(Exception):
    """The new facts are not the old ones. Nothing was swapped, and the new ones are gone; `differences` tell."""

    def __init__(self, found: list[Difference]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.differences = found


class ReadersInTheWay(Exception):
    """Somebody was reading the facts all the time that the swap was tried. Nothing was swapped."""


def rebuild(
    owner_url: str,
    app_role: str,
    *,
    swap_anyway: bool = False,
    tell: Told | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Rebuilt:
    """Fill `facts_next` from the whole ledger, compare it with `facts`, and swap; as the owner.

    `tell(step, done, of)` is called with progress; `patience` is how many seconds the swap is tried while readers are
    in the way. Raises RebuildRunning, ReadersInTheWay, or FactsDiffer unless `swap_anyway`. However it ends,
    `facts_next` is gone; if this process is killed, the projector clears it away, or the next rebuild.
    """
    made, said = definition(), tell or (lambda step, done, of: None)
    with closing(database.connect(owner_url, "miriam-rebuild")) as connection, _alone(connection):
        with connection, connection.cursor() as cursor:
            cursor.execute(NOTICE_DEATH)
        with connection:
            _drop(connection, NEXT)
            _drop(connection, _OLD)
            schema.create_tables(connection, NEXT, made, app_role)
            number = history.begin(connection, made.digest)
        try:
            done = _fill_and_swap(connection, owner_url, made, said, swap_anyway, patience, number)
        except BaseException as problem:
            with suppress(psycopg2.Error):
                connection.rollback()
                with connection:
                    _drop(connection, NEXT)
                    found = problem.differences if isinstance(problem, FactsDiffer) else []
                    history.end(connection, number, "differs" if found else "failed", differences=found)
            raise
        with connection:
            _drop(connection, _OLD)
        said("swapped", done.position, done.position)
        return done


def _fill_and_swap(
    connection: Connection,
    owner_url: str,
    made: Definition,
    said: Told,
    swap_anyway: bool,
    patience: float,
    number: int,
) -> Rebuilt:
    with connection:
        head = _head(connection)
    fill(owner_url, made, head, said)
    _catch_up(connection, made, said)
    with connection:
        comparable = schema.exists(connection, LIVE) and schema.made_from(connection, LIVE) == made.digest
    found = _compare(connection, made, said) if comparable else []
    if found and not swap_anyway:
        raise FactsDiffer(found)

    def noted(position: int) -> Rebuilt:
        history.end(connection, number, "swapped", position, comparable, found)
        return Rebuilt(position, comparable, found)

    return _swap(connection, made, said, patience, noted)


def fill(owner_url: str, made: Definition, head: int, tell: Told) -> None:
    """Project leaves 1..head into the empty tables of `facts_next`, close and retract, then make the indexes."""
    ranges = [(after, min(after + CHUNK, head)) for after in range(0, head, CHUNK)]
    share(
        owner_url,
        [Task(t.name, partial(_insert, table=t, after=a, upto=u), u) for a, u in ranges for t in made.tables],
        lambda upto: tell("filled", upto, head),
    )
    tables = _heavy_first(made)
    finishing = [Task(t.name, partial(_finish, table=t, head=head), number) for number, t in enumerate(tables, 2)]
    share(owner_url, [Task("mention", _mention, 1), *finishing], lambda n: tell("indexed", n, len(tables) + 1))
    with closing(database.connect(owner_url, "miriam-rebuild-fill")) as connection, connection:
        schema.use(connection, NEXT)
        mentions.touch_all(connection, head)
        with connection.cursor() as cursor:
            cursor.execute("update checkpoint set position = %s, moved_at = now()", (head,))


def _insert(connection: Connection, table: FactTable, after: int, upto: int) -> None:
    schema.use(connection, NEXT)
    insert(connection, table, after, upto)


def _mention(connection: Connection) -> None:
    schema.use(connection, NEXT)
    mentions.fill(connection)


def _finish(connection: Connection, table: FactTable, head: int) -> None:
    schema.use(connection, NEXT)
    with connection.cursor() as cursor:
        for statement in table.indexes:
            cursor.execute(statement)
        cursor.execute(sql.SQL("analyze {}").format(sql.Identifier(table.name)))
        close(connection, table, 0, head)
        retract(connection, table, 0, head)


def _heavy_first(made: Definition) -> list[FactTable]:
    # The longest work first, so that the two sessions end at nearly the same time.
    order = {"attendance": 0, "session": 1, "goal_event": 2, "assessment": 3, "group_session": 4}
    return sorted(made.tables, key=lambda table: order.get(table.name, len(order)))


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", (_REBUILD_LOCK,))
        row = cursor.fetchone()
        if not row or not row[0]:
            raise RebuildRunning("a rebuild is running already")
    try:
        yield
    finally:
        # The server notices a closed connection a moment later; the next rebuild need not wait for it.
        with suppress(psycopg2.Error), connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", (_REBUILD_LOCK,))


def _head(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _next_position(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select position from {}.checkpoint").format(sql.Identifier(NEXT)))
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _catch_up(connection: Connection, made: Definition, tell: Told) -> None:
    while True:
        with connection:
            position, head = _next_position(connection), _head(connection)
            if head - position <= NEAR:
                return
            advance(connection, NEXT, made, position, min(head, position + CHUNK))
        tell("caught up", position, head)


def _compare(connection: Connection, made: Definition, tell: Told) -> list[Difference]:
    # One snapshot of both, while the live facts move on.
    with connection:
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
            cursor.execute("select position from facts.checkpoint")
            row = cursor.fetchone()
            assert row is not None
        upto = min(int(row[0]), _next_position(connection))
        found = []
        for number, table in enumerate(made.tables, 1):
            found += differences(connection, table, upto)
            tell("compared", number, len(made.tables))
        return found


def _swap(
    connection: Connection, made: Definition, tell: Told, patience: float, noted: Callable[[int], Rebuilt]
) -> Rebuilt:
    """Swap in one transaction, as soon as nobody reads; `noted` is called in it, with the position.

    Whoever reads keeps the old tables until she has finished (see reading.py). The swap waits for that in short turns:
    while it stands in the queue nobody else can begin to read, so a reader waits for one turn at most.
    """
    end = time.monotonic() + patience
    while True:
        try:
            return _swap_once(connection, made, noted)
        except psycopg2.errors.LockNotAvailable:
            if time.monotonic() > end:
                raise ReadersInTheWay(f"the facts were being read for {patience:g} seconds without a pause") from None
            time.sleep(_PAUSE_SECONDS)
            _catch_up(connection, made, tell)


def _swap_once(connection: Connection, made: Definition, noted: Callable[[int], Rebuilt]) -> Rebuilt:
    with connection, connection.cursor() as cursor:
        # No projector moves while this lasts.
        cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        position, head = _next_position(connection), _head(connection)
        if head > position:
            advance(connection, NEXT, made, position, head)
        live = schema.exists(connection, LIVE)
        if live:
            cursor.execute(f"set local lock_timeout = '{TURN_MILLISECONDS}ms'")
            cursor.execute("lock table facts.checkpoint in access exclusive mode")
            cursor.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(LIVE), sql.Identifier(_OLD)))
        cursor.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(NEXT), sql.Identifier(LIVE)))
        return noted(head)


def _drop(connection: Connection, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local client_min_messages = warning")
        cursor.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
