"""One snapshot of the facts as of a position, with the standing facts of an edition laid out in temporary tables."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection

from miriam_reporting.facts.reading import reading
from miriam_reporting.indicators.standing import Standing, needed
from miriam_reporting.reports.errors import PositionBeyondHead, UnknownEdition
from miriam_reporting.reports.retired import refuse_retired

# Sorting and hashing the facts of one edition in memory: a report is one statement after another, never many at once.
_SETTINGS = """
set local work_mem = '96MB';
set local jit = off;
set local enable_mergejoin = off;  -- ids are text, dear to sort: hashing them is never slower here
set local default_statistics_target = 1;  -- how many rows there are is what matters, not their spread
set local client_min_messages = warning;
"""


@contextmanager
def snapshot(
    connection: Connection,
    edition: str,
    as_of: int | None,
    statements: Iterable[str],
    facts: Sequence[Standing] | None = None,
) -> Iterator[int]:
    """Lay out what stood in the edition at `as_of` (default: all that is projected), as far as `statements` read it.

    `facts` are the standing facts of another day's definitions; by default those of this code.

    Gives the position. A repeatable-read transaction that ends in a rollback: nothing that arrives meanwhile changes a
    figure, and nothing stays behind. Raises PositionBeyondHead, UnknownEdition, and ValueError on a connection that is
    in a transaction.
    """
    with opened(connection, as_of) as position:
        lay_out(connection, edition, position, needed(statements, facts))
        yield position


@contextmanager
def opened(connection: Connection, as_of: int | None) -> Iterator[int]:
    """The snapshot alone, with nothing laid out; gives the position. Raises as `snapshot` does, but UnknownEdition."""
    if connection.autocommit or connection.info.transaction_status != TRANSACTION_STATUS_IDLE:
        raise ValueError("a report needs a connection that is not in autocommit mode nor in a transaction")
    with reading(connection) as reached:
        position = reached if as_of is None else as_of
        if not 0 <= position <= reached:
            raise PositionBeyondHead(position, reached)
        yield position


def _keep_in_memory(connection: Connection) -> None:
    """Let temporary tables stay in memory: else each is written, checksummed and read again for every query.

    Takes effect before a session's first temporary table alone; a session that has had a smaller room keeps it.
    """
    with connection.cursor() as cursor:
        cursor.execute("savepoint room")
        try:
            cursor.execute("set local temp_buffers = '128MB'")
        except psycopg2.errors.InvalidParameterValue:
            cursor.execute("rollback to savepoint room")


def lay_out(connection: Connection, edition: str, position: int, facts: Iterable[Standing]) -> None:
    """Lay out what stood at `position` in the transaction of a snapshot, in place of what is laid out already.

    Raises UnknownEdition, RetiredEdition.
    """
    with connection.cursor() as cursor:
        _keep_in_memory(connection)
        cursor.execute(_SETTINGS)
    _clear(connection)
    _make(connection, edition, position, facts)


def lay_out_to_keep(connection: Connection, edition: str, position: int, facts: Iterable[Standing]) -> None:
    """Lay out more of what stood at `position`, beside what is laid out of it already: to stay after the transaction.

    In the transaction of a snapshot of its own, which the caller commits; the settings hold for the session then.
    Raises UnknownEdition, RetiredEdition.
    """
    staying = [replace(each, statement=each.statement.replace(" on commit drop", "", 1)) for each in facts]
    with connection.cursor() as cursor:
        _keep_in_memory(connection)
        cursor.execute(_SETTINGS.replace("set local", "set"))
    _make(connection, edition, position, staying)


def _make(connection: Connection, edition: str, position: int, facts: Iterable[Standing]) -> None:
    asked = {"edition": edition, "position": position}
    with connection.cursor() as cursor:
        for each in facts:
            cursor.execute(each.statement, asked)
            if each.name == "edition_at" and cursor.rowcount == 0:
                raise UnknownEdition(edition, position, _editions(connection, position))
            if each.name == "edition_at":
                refuse_retired(connection, edition)
            # Without statistics the planner takes every temporary table for a thousand rows, and picks nested loops.
            if each.is_table:
                cursor.execute(f"analyze {each.name}")


def _clear(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'r'"
            " and relname like %s",
            ("%\\_at",),
        )
        if laid_out := [str(name) for (name,) in cursor.fetchall()]:
            # Views of them go along.
            cursor.execute(f"drop table {', '.join(laid_out)} cascade")


def _editions(connection: Connection, position: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            'select distinct edition collate "C" from facts.edition'
            " where from_position <= %(position)s and until_position > %(position)s and not retracted order by 1",
            {"position": position},
        )
        return [str(name) for (name,) in cursor.fetchall()]
