"""The projector: a plain process that keeps the facts at the head of the ledger. One leads, others stand by."""

import select
import time

from psycopg2.extensions import connection as Connection

from miriam_platform import logging
from miriam_platform.database import LOST, connect, pauses
from miriam_reporting.facts.history import clear_leftovers
from miriam_reporting.facts.projection import project
from miriam_reporting.retiring.keeper import Keeper
from miriam_reporting.retiring.wiping import Wiper

POLL_SECONDS = 1.0
STANDBY_SECONDS = 0.5
# How often the leader looks whether a rebuild was killed and left its tables.
LEFTOVERS_SECONDS = 5.0
_LOCK = 0x4D6950726F6A

log = logging.get(__name__)


class Projector:
    """Projects until `stop` is called, from a signal handler for instance."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._stopping = False

    def stop(self) -> None:
        """Come to an end after the batch under way."""
        self._stopping = True

    def run(self) -> None:
        """Lead, or stand by, until stopped; a lost server is awaited with growing pauses.

        Raises OtherDefinition where the tables were made by other code: this process can do nothing then.
        """
        waits = pauses()
        while not self._stopping:
            began = time.monotonic()
            try:
                connection = connect(self._url, "reporting-projector")
                try:
                    self._session(connection)
                finally:
                    connection.close()
            except LOST as error:
                if time.monotonic() - began > 10:
                    waits = pauses()
                pause = next(waits)
                log.warning("database lost", error=logging.told(error), pause=pause)
                time.sleep(pause)

    def _session(self, connection: Connection) -> None:
        while not self._stopping and not _lead(connection):
            time.sleep(STANDBY_SECONDS)
        # Listening begins before the first look, so nothing that is added between the two is overlooked.
        _run(connection, "listen ledger")
        log.info("projecting")
        looked = -LEFTOVERS_SECONDS
        keeper, wiper = Keeper(), Wiper()
        while not self._stopping:
            if time.monotonic() - looked >= LEFTOVERS_SECONDS:
                looked = time.monotonic()
                _clear_up(connection)
            retiring = keeper.step(connection)
            wiping = wiper.step(connection)
            if not self._advance(connection) and not retiring and not wiping:
                _await_notice(connection)

    def _advance(self, connection: Connection) -> int:
        started = time.perf_counter()
        with connection, connection.cursor() as cursor:
            taken = project(connection)
            if taken:
                cursor.execute("notify facts")
        if taken:
            log.debug("projected", count=taken, seconds=round(time.perf_counter() - started, 4))
        return taken


def _lead(connection: Connection) -> bool:
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", (_LOCK,))
        row = cursor.fetchone()
        return bool(row and row[0])


def _clear_up(connection: Connection) -> None:
    with connection:
        left = clear_leftovers(connection)
    if left:
        log.warning("cleared away what a killed rebuild left", schemas=left)


def _run(connection: Connection, statement: str) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)


def _await_notice(connection: Connection) -> None:
    connection.poll()
    if not connection.notifies:
        select.select([connection], [], [], POLL_SECONDS)
        connection.poll()
    connection.notifies.clear()
