"""Sharing out work on fact tables to several database sessions, so that no two work on one table at a time."""

import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from psycopg2.extensions import connection as Connection

from miriam_platform import database

SESSIONS = 2
# A session whose client was killed ends its statement, and lets go of the tables, within a second.
NOTICE_DEATH = "set client_connection_check_interval = '1s'"


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work on one table, in one transaction. `number` is told when it is done."""

    table: str
    work: Callable[[Connection], object]
    number: int


@dataclass(slots=True)
class _Board:
    tasks: list[Task]
    busy: set[str] = field(default_factory=set)
    failure: BaseException | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self) -> Task | None:
        """The first task whose table is free; None when nothing is left or something failed."""
        with self.changed:
            while self.tasks and not self.failure:
                for place, task in enumerate(self.tasks):
                    if task.table not in self.busy:
                        self.busy.add(task.table)
                        return self.tasks.pop(place)
                self.changed.wait()
            return None

    def done(self, task: Task) -> None:
        with self.changed:
            self.busy.discard(task.table)
            self.changed.notify_all()

    def fail(self, failure: BaseException) -> None:
        with self.changed:
            self.failure = self.failure or failure
            self.changed.notify_all()


def share(url: str, tasks: Iterable[Task], tell: Callable[[int], None]) -> None:
    """Do all tasks, those of one table in the order given. Raises what the first task that failed raised.

    Threads suffice: the work is done in the sessions' own server processes.
    """
    board = _Board(list(tasks))
    threads = [threading.Thread(target=_work, args=(url, board, tell), name=f"facts-{n}") for n in range(SESSIONS)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException as interrupted:
        # Nobody takes a further task, so that whoever interrupted can clear up soon.
        board.fail(interrupted)
        raise
    if board.failure:
        raise board.failure


def _work(url: str, board: _Board, tell: Callable[[int], None]) -> None:
    try:
        with closing(database.connect(url, "miriam-rebuild-fill")) as connection:
            _prepare(connection)
            while task := board.take():
                with connection:
                    task.work(connection)
                board.done(task)
                tell(task.number)
    except BaseException as error:
        board.fail(error)


def _prepare(connection: Connection) -> None:
    with connection, connection.cursor() as cursor:
        # Tables that nobody reads yet: after a crash the rebuild begins anew.
        cursor.execute("set synchronous_commit = off")
        cursor.execute(NOTICE_DEATH)
        cursor.execute("set work_mem = '128MB'")
        cursor.execute("set maintenance_work_mem = '512MB'")
        # The sessions share the machine already.
        cursor.execute("set max_parallel_maintenance_workers = 0")
        cursor.execute("set max_parallel_workers_per_gather = 0")
