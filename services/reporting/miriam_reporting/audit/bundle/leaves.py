"""The leaves that a bundle holds, in the order of the ledger, and the hashes of those that it does not."""

from collections.abc import Iterable, Iterator
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.bundle.errors import BundleError
from miriam_transparency import merkle

Range = tuple[int, int]  # first and last position
_AT_ONCE = 5_000

_HELD = "exists (select from bundle_leaf where bundle_leaf.position = leaf.position)"


def positions(connection: Connection, whole: bool, position: int) -> tuple[list[Range], list[Range]]:
    """The positions that are held, and those whose leaves were retired, each as maximal ranges.

    Needs `scope.choose` before, in the same transaction, unless the bundle is of the whole ledger.
    """
    chosen = "" if whole else f" and {_HELD}"
    held = _ranges(
        connection,
        f"select position from ledger.leaf where position <= %s and coalesce(body, '') <> ''{chosen}",
        position,
    )
    retired = _ranges(
        connection, "select position from ledger.leaf where position <= %s and coalesce(body, '') = ''", position
    )
    return held, retired


def unexplained(connection: Connection, position: int, whole: bool = True) -> bool:
    """Whether leaves were emptied of which no `door.wiped` says that a test CPAS had sent them.

    In a bundle of the `whole` ledger that has to stand up to the position; a limited one holds no such leaf anyway.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists ("
            "select from ledger.leaf where position <= %(at)s and coalesce(body, '') = '' and not exists ("
            "select from ledger.wipe"
            " where wipe.positions @> leaf.position and (wipe.because_of <= %(at)s or not %(whole)s)))",
            {"at": position, "whole": whole},
        )
        row: Any = cursor.fetchone()
        return bool(row[0])


def tell_of_retirement(connection: Connection, position: int) -> bool:
    """Whether an `edition.retired` is among the leaves: else emptied ones could not be told from hidden ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from ledger.leaf where position <= %s and type = 'miriam.edition.retired.v1')",
            (position,),
        )
        row: Any = cursor.fetchone()
        return bool(row[0])


def _ranges(connection: Connection, statement: str, position: int) -> list[Range]:
    with connection.cursor() as cursor:
        # A run of positions without a hole differs from its row numbers by the same amount.
        cursor.execute(
            "select min(position), max(position)"
            f" from (select position, position - row_number() over (order by position) as run from ({statement}) as p)"
            " as numbered group by run order by 1",
            (position,),
        )
        return [(int(first), int(last)) for first, last in cursor.fetchall()]


def bodies(connection: Connection, whole: bool, position: int) -> Iterator[bytes]:
    """The bodies of the leaves that are held, exactly as they were hashed."""
    chosen = "" if whole else f" and {_HELD}"
    statement = (
        f"select body from ledger.leaf where position <= %s and coalesce(body, '') <> ''{chosen} order by position"
    )
    with connection.cursor("bundle_bodies") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(statement, (position,))
        for (body,) in cursor:
            yield body.encode()


def other_hashes(connection: Connection, held: list[Range], position: int) -> Iterator[bytes]:
    """The root of each largest subtree of the tree over `position` leaves that has no held leaf, from left to right."""
    subtrees = list(gaps(held, position))
    if not subtrees:
        return
    with connection.cursor("bundle_hashes") as cursor:
        cursor.itersize = 20 * _AT_ONCE
        starts, ends = [low + 1 for low, _ in subtrees], [high for _, high in subtrees]
        cursor.execute(
            "select leaf.hash from unnest(%s::bigint[], %s::bigint[]) as gap (first, last)"
            " join ledger.leaf on leaf.position between gap.first and gap.last order by leaf.position",
            (starts, ends),
        )
        hashes = (bytes(digest) for (digest,) in cursor)
        for low, high in subtrees:
            yield merkle.root(_exactly(hashes, high - low))


def _exactly(hashes: Iterator[bytes], count: int) -> Iterator[bytes]:
    for _ in range(count):
        digest = next(hashes, None)
        if digest is None:
            raise BundleError("leaves are missing in the ledger; run `miriam audit verify`")
        yield digest


def gaps(held: Iterable[Range], size: int) -> Iterator[Range]:
    """The largest subtrees of a tree of `size` leaves without a held position, as (leaves before it, its last)."""
    ranges = list(held)
    yield from _gaps(ranges, 0, len(ranges), 0, size)


def _gaps(held: list[Range], first: int, last: int, low: int, high: int) -> Iterator[Range]:
    # held[first:last] are the only ranges that can reach into low + 1 .. high.
    while first < last and held[first][1] <= low:
        first += 1
    while first < last and held[last - 1][0] > high:
        last -= 1
    if first == last:
        if low < high:
            yield low, high
        return
    if held[first][0] <= low + 1 and held[first][1] >= high:
        return
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    yield from _gaps(held, first, last, low, middle)
    yield from _gaps(held, first, last, middle, high)
