"""Figures that are kept from one answer to the next, as long as nothing changed that they depend on (kept.figures)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from miriam_reporting.facts.mentions import last_that_matters
from miriam_reporting.reports.snapshot import opened
from miriam_reporting.reports.writing import Written

Key = tuple[str, str]  # code, level

_FIND = """
select code, level, figures, overlapping
  from kept.figures
 where edition = %(edition)s and definitions = %(definitions)s and facts = kept.generation()
   and position >= %(last)s and code = any (%(codes)s) and level = any (%(levels)s)
"""
_KEEP = """
insert into kept.figures as k (edition, code, level, definitions, facts, position, figures, overlapping) values %s
    on conflict (edition, definitions, code, level) do update
   set facts = excluded.facts, position = excluded.position,
       figures = excluded.figures, overlapping = excluded.overlapping
 where k.position < excluded.position or k.facts <> excluded.facts
"""
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s)"
_FORGET = "delete from kept.figures where edition = %s and (definitions <> %s or facts <> %s)"
# Any number would do; with the edition's name it makes the lock of those who compute it.
_LOCK = 0x4D6946


def find(
    connection: Connection, edition: str, definitions: str, codes: Sequence[str], levels: Sequence[str], position: int
) -> Mapping[Key, Written]:
    """What is kept and still holds in the caller's snapshot of the facts, for what is asked of a position.

    Nothing where something that matters came after it.
    """
    last = last_that_matters(connection, edition)
    if last > position:
        return {}
    asked = {"edition": edition, "definitions": definitions, "codes": list(codes), "levels": list(levels)}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {**asked, "last": last})
        return {(row[0], row[1]): Written(*row) for row in cursor}


def is_last_known(connection: Connection, edition: str, as_of: int) -> bool:
    """Whether what stood in the edition at a position is what stands now.

    Needs a connection outside a transaction. Raises PositionBeyondHead.
    """
    with opened(connection, as_of) as position:
        return last_that_matters(connection, edition) <= position


def generation(connection: Connection) -> str:
    """Which facts there are now: others after a rebuild, and after a retirement."""
    with committed(connection) as cursor:
        cursor.execute("select kept.generation()")
        row = cursor.fetchone()
        assert row is not None
        return str(row[0])


def keep(
    connection: Connection, edition: str, definitions: str, facts: str, position: int, found: Iterable[Written]
) -> None:
    """Keep what was computed at `position` from the facts of that generation. One transaction, committed."""
    rows = [(edition, w.code, w.level, definitions, facts, position, w.figures, w.overlaps) for w in found]
    with committed(connection) as cursor:
        cursor.execute(_FORGET, (edition, definitions, facts))
        execute_values(cursor, _KEEP, rows, _ROW)


@contextmanager
def committed(connection: Connection) -> Iterator[Cursor]:
    """A transaction of its own, also on a connection whose owner's block (`with connection`) is still open."""
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    except BaseException:
        if not connection.closed:
            connection.rollback()
        raise


@contextmanager
def alone(connection: Connection, edition: str) -> Iterator[None]:
    """One at a time computes an edition; the others wait, and find what it kept. Needs to be in no transaction."""
    with committed(connection) as cursor:
        cursor.execute("select pg_advisory_lock(%s, hashtext(%s))", (_LOCK, edition))
    try:
        yield
    finally:
        if not connection.closed:
            with committed(connection) as cursor:
                cursor.execute("select pg_advisory_unlock(%s, hashtext(%s))", (_LOCK, edition))
