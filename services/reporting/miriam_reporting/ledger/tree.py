"""The ledger's Merkle tree (RFC 6962) as of any size: roots and proofs, from tiles and, at the edge, what lies below.

Each answer reads all that it needs in one round trip: at most one tile a level, or up to 255 rows where the tile is not
complete. Where tiles are missing (nobody wrote them yet) the same is computed from the leaves, which takes longer.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from psycopg2.extensions import connection as Connection

from miriam_transparency import merkle
from miriam_transparency.merkle import HASH_BYTES

HEIGHT = 8  # of a tile
WIDTH = 1 << HEIGHT  # hashes in a tile
# Tiles read at once where an edge is computed from far below: 1 MiB of hashes.
_AT_ONCE = 128

Answer = TypeVar("Answer")
# The hashes [low, high) of tile (level, index).
Part = tuple[int, int, int, int]


class BeyondLedger(ValueError):
    """The ledger has not as many leaves as that (any more)."""


class LeavesMissing(BeyondLedger):
    """Leaves of the ledger, or tiles of its tree, are not where they must be: it was tampered with."""


def root_at(connection: Connection, size: int) -> bytes:
    """The root over the first `size` leaves. Raises BeyondLedger."""
    return _answer(connection, size, lambda nodes: merkle.tree_root(size, nodes))


def inclusion(connection: Connection, position: int, size: int) -> list[bytes]:
    """The proof that leaf `position` (from 1) is in the tree of `size` leaves. Raises BeyondLedger, ValueError."""
    return _answer(connection, size, lambda nodes: merkle.inclusion_proof(position - 1, size, nodes))


def inclusions(connection: Connection, positions: Iterable[int], size: int) -> list[list[bytes]]:
    """As `inclusion`, of several leaves, in one round trip. Raises BeyondLedger, ValueError."""
    asked = list(positions)
    return _answer(connection, size, lambda nodes: [merkle.inclusion_proof(each - 1, size, nodes) for each in asked])


def consistency(connection: Connection, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`. Raises BeyondLedger, ValueError."""
    return _answer(connection, new, lambda nodes: merkle.consistency_proof(old, new, nodes))


def leaf_hashes(connection: Connection, first: int, last: int) -> bytes:
    """The hashes of the leaves at positions `first` to `last`, side by side, from the leaves themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select string_agg(hash, ''::bytea order by position) from ledger.leaf where position between %s and %s",
            (first, last),
        )
        row = cursor.fetchone()
        return bytes(row[0]) if row and row[0] is not None else b""


def complete_root(hashes: bytes) -> bytes:
    """The root over hashes that stand side by side, as many as a power of two."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            merkle.node_hash(hashes[at : at + HASH_BYTES], hashes[at + HASH_BYTES : at + 2 * HASH_BYTES])
            for at in range(0, len(hashes), 2 * HASH_BYTES)
        )
    return hashes


def _answer(connection: Connection, size: int, make: Callable[[merkle.Nodes], Answer]) -> Answer:
    """Ask what `make` needs, fetch it, make it."""
    if size < 0:
        raise BeyondLedger("the ledger has no negative size")
    asked = _Asked()
    make(asked)
    parts = asked.parts()
    return make(_Stored(dict(zip([part[:2] for part in parts], _fetch(connection, parts), strict=True)), parts))


class _Asked:
    """Nodes that answer nothing and remember which of them were asked for."""

    def __init__(self) -> None:
        self._ranges: dict[tuple[int, int], tuple[int, int]] = {}

    def node(self, level: int, index: int) -> bytes:
        tile_level, tile, low, high = _place(level, index)
        known = self._ranges.get((tile_level, tile), (low, high))
        self._ranges[tile_level, tile] = min(low, known[0]), max(high, known[1])
        return bytes(HASH_BYTES)

    def parts(self) -> list[Part]:
        return [(*tile, *hashes) for tile, hashes in self._ranges.items()]


class _Stored:
    """Nodes out of the parts of tiles that were fetched."""

    def __init__(self, fetched: dict[tuple[int, int], bytes], parts: list[Part]) -> None:
        self._fetched = fetched
        self._lows = {part[:2]: part[2] for part in parts}
        # Several proofs share what lies high in the tree.
        self._known: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        known = self._known.get((level, index))
        if known is None:
            tile_level, tile, low, high = _place(level, index)
            start = self._lows[tile_level, tile]
            hashes = self._fetched[tile_level, tile]
            known = complete_root(hashes[(low - start) * HASH_BYTES : (high - start) * HASH_BYTES])
            self._known[level, index] = known
        return known


def _place(level: int, index: int) -> Part:
    """Where a node lies: the tile, and which of its hashes it is the root of."""
    tile_level, within = divmod(level, HEIGHT)
    first = index << within
    low = first % WIDTH
    return tile_level, first // WIDTH, low, low + (1 << within)


def _fetch(connection: Connection, parts: list[Part]) -> Iterator[bytes]:
    """The hashes of each part, whole."""
    for some in _batches(parts):
        for part, hashes in zip(some, _stored(connection, some), strict=True):
            yield hashes + _computed(connection, part, len(hashes) // HASH_BYTES)


def _stored(connection: Connection, parts: list[Part]) -> list[bytes]:
    if not parts:
        return []
    levels, tiles, lows, highs = zip(*parts, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "select hashes from ledger.hashes_of(%s::int[], %s::bigint[], %s::int[], %s::int[]) order by place",
            (list(levels), list(tiles), list(lows), list(highs)),
        )
        return [bytes(row[0]) for row in cursor.fetchall()]


def _computed(connection: Connection, part: Part, known: int) -> bytes:
    """What is not stored of a part, of which the first `known` hashes are: computed from the tiles below."""
    level, tile, low, high = part
    if low + known == high:
        return b""
    if level == 0 or known > high - low:
        raise LeavesMissing(f"the ledger lacks leaf {tile * WIDTH + low + known + 1}")
    below = [(level - 1, tile * WIDTH + each, 0, WIDTH) for each in range(low + known, high)]
    return b"".join(complete_root(hashes) for hashes in _fetch(connection, below))


def _batches(parts: list[Part]) -> Iterator[list[Part]]:
    given = iter(parts)
    while some := list(itertools.islice(given, _AT_ONCE)):
        yield some
