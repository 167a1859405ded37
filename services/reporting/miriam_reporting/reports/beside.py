"""A second database session in the snapshot of the first, and work done in both at once: one for each core."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn

Found = TypeVar("Found")


@contextmanager
def beside(connection: Connection) -> Iterator[Connection]:
    """Another session that sees what `connection`, which is in a repeatable-read transaction, sees; closed at the end.

    The lock of `connection` holds off a swap of the facts for both, so it must go on until this ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_export_snapshot()")
        row = cursor.fetchone()
        assert row is not None
    address = {**connection.get_dsn_parameters(), "password": connection.info.password}
    with closing(psycopg2.connect(make_dsn(**address))) as other, other.cursor() as asking:
        asking.execute("set transaction isolation level repeatable read")
        asking.execute("set transaction snapshot %s", (row[0],))
        yield other


def at_once(first: Callable[[], Found], second: Callable[[], Found]) -> tuple[Found, Found]:
    """What both give, the second done in a thread. Raises what the first raises, else what the second does."""
    found: list[Found] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(second())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="beside")
    thread.start()
    try:
        one = first()
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return one, found[0]
