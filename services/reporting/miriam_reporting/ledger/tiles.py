"""Writing the tree's tiles as the ledger grows: complete ones, in order, level by level."""

from collections.abc import Callable

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger.tree import WIDTH, LeavesMissing, complete_root, leaf_hashes
from miriam_transparency.merkle import HASH_BYTES

# A transaction writes as many tiles: 65,536 leaves at level 0, 2 MiB of hashes.
AT_ONCE = 256
_TOP = 6


def extend(connection: Connection, size: int, tell: Callable[[int], None] | None = None) -> int:
    """Write the tiles that the first `size` leaves complete and that are not there yet; answer how many.

    Commits after each batch, so what was written stays when it is interrupted. `tell` is called with the number of
    leaves whose tiles were just written. Only one may do this at a time. Raises LeavesMissing.
    """
    written = 0
    for level in range(_TOP + 1):
        complete = size >> (8 * (level + 1))
        index = _next(connection, level)
        while index < complete:
            count = min(AT_ONCE, complete - index)
            with connection:
                _write(connection, level, index, count)
            index += count
            written += count
            if tell is not None and level == 0:
                tell(count * WIDTH)
        if complete == 0:
            break
    return written


def _next(connection: Connection, level: int) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute("select coalesce(max(index), -1) + 1 from ledger.tile where level = %s", (level,))
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _write(connection: Connection, level: int, first: int, count: int) -> None:
    if level == 0:
        hashes = leaf_hashes(connection, first * WIDTH + 1, (first + count) * WIDTH)
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "select string_agg(root, ''::bytea order by index) from ledger.tile"
                " where level = %s and index >= %s and index < %s",
                (level - 1, first * WIDTH, (first + count) * WIDTH),
            )
            row = cursor.fetchone()
            hashes = bytes(row[0]) if row and row[0] is not None else b""
    if len(hashes) != count * WIDTH * HASH_BYTES:
        raise LeavesMissing(f"the ledger lacks leaves below tile {first + count - 1} of level {level}")
    width = WIDTH * HASH_BYTES
    roots = [complete_root(hashes[at : at + width]) for at in range(0, len(hashes), width)]
    with connection.cursor() as cursor:
        cursor.execute("select ledger.add_tiles(%s, %s, %s::bytea[])", (level, first, roots))
