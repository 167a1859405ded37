"""How facts are read: one snapshot, of one set of tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection


@contextmanager
def reading(connection: Connection) -> Iterator[int]:
    """A repeatable-read transaction over the facts; gives the position that they have reached.

    The lock keeps a rebuild from swapping the schemas under the reader. LOCK takes no snapshot, so the one that follows
    is of the tables that were locked. Temporary tables may be made inside; all ends in a rollback. The connection must
    not be in a transaction.
    """
    with connection.cursor() as cursor:
        begin = "begin" if connection.autocommit else "set transaction"
        cursor.execute(f"{begin} isolation level repeatable read")
        try:
            cursor.execute("lock table facts.checkpoint in access share mode")
            cursor.execute("select position from facts.checkpoint")
            row = cursor.fetchone()
            assert row is not None
            yield int(row[0])
        finally:
            if not connection.closed:
                cursor.execute("rollback")
                connection.rollback()
