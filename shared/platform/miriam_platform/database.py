"""Connections to PostgreSQL that come back: what a lost connection is, and how long to wait for the next one."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg2
from psycopg2 import extensions
from psycopg2.extensions import connection as Connection

from miriam_platform import logging

# The server went away, restarts, has no room, or ended our session: no event's fault, so never counted as an attempt.
LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

log = logging.get(__name__)
Answer = TypeVar("Answer")


def pauses() -> Iterator[float]:
    """Seconds to wait before each further try: 0.1, 0.2, 0.4 ... up to 5, without end."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


def connect(url: str, name: str) -> Connection:
    """A connection at READ COMMITTED, with `name` shown in pg_stat_activity. Raises psycopg2.OperationalError.

    TCP keepalives notice a server that vanished without a word within about 20 seconds.
    """
    made: Connection = psycopg2.connect(
        url,
        application_name=name,
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
    )
    made.set_session(isolation_level=extensions.ISOLATION_LEVEL_READ_COMMITTED)
    return made


class Database:
    """One connection, opened when asked for, opened anew after it was lost. One user at a time."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """The open connection. Raises one of LOST where the server cannot be reached now."""
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, self._name)
        return self._connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back where an exception leaves it.

        An exception of LOST closes the connection, whatever its state, so that the next use opens a sound one.
        """
        try:
            connection = self.connection()
            with connection:
                yield connection
        except LOST:
            self.close()
            raise
        except BaseException:
            # A greenlet killed in the middle of a query leaves the connection unusable: it is not kept.
            if self._connection is not None and self._connection.status != extensions.STATUS_READY:
                self.close()
            raise

    def run(self, work: Callable[[Connection], Answer]) -> Answer:
        """Do `work` in a transaction, again and again while the server is away, with growing pauses."""
        for pause in pauses():
            try:
                with self.transaction() as connection:
                    return work(connection)
            except LOST as error:
                log.warning("database lost", error=logging.told(error), pause=pause)
                time.sleep(pause)
        raise AssertionError("pauses() has no end")

    def ask(self, work: Callable[[Connection], Answer]) -> Answer:
        """Do `work`, which only reads, in a transaction; a connection that was lost while idle is replaced once.

        Raises one of LOST where the server is away now.
        """
        fresh = self._connection is None
        try:
            with self.transaction() as connection:
                return work(connection)
        except LOST:
            if fresh:
                raise
        with self.transaction() as connection:
            return work(connection)

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None
