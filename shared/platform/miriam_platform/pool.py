"""A few connections for many who ask: HTTP requests run side by side, and a database has not room for all of them."""

import contextlib
import queue
from collections.abc import Callable, Iterator
from typing import TypeVar

from psycopg2.extensions import connection as Connection

from miriam_platform.database import Database

Answer = TypeVar("Answer")


class Pool:
    """Up to `most` connections, each opened when it is first needed; who finds none idle waits for one."""

    def __init__(self, url: str, name: str, most: int) -> None:
        # The one that was used last is taken first: the others may stay unopened.
        self._idle: queue.LifoQueue[Database] = queue.LifoQueue()
        for _ in range(most):
            self._idle.put(Database(url, name))

    @contextlib.contextmanager
    def one(self) -> Iterator[Database]:
        """One of them, for as long as this is held."""
        database = self._idle.get()
        try:
            yield database
        finally:
            self._idle.put(database)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """As Database.transaction."""
        with self.one() as database, database.transaction() as connection:
            yield connection

    def ask(self, work: Callable[[Connection], Answer]) -> Answer:
        """As Database.ask: work that only reads, once more where the connection was lost while idle."""
        with self.one() as database:
            return database.ask(work)

    def close(self) -> None:
        """Close the connections that are idle."""
        for database in list(self._idle.queue):
            database.close()


AnyDatabase = Database | Pool
