"""The tree over leaf hashes that are given one after another, computed anew: nothing stored is believed."""

from dataclasses import dataclass
from hashlib import sha256

from miriam_transparency.merkle import EMPTY_ROOT, HASH_BYTES, node_hash

TILE_LEVELS = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """256 hashes side by side, of leaves at level 0, else of the tiles of the level below; `root` is over them."""

    level: int
    index: int
    hashes: bytes
    root: bytes


class Tree:
    """Grows leaf by leaf; holds one hash a level, and the hashes of the tiles that are not complete yet."""

    def __init__(self) -> None:
        self.size = 0
        # Complete subtrees from left to right, each higher than the next.
        self._levels: list[int] = []
        self._digests: list[bytes] = []
        self._open: list[bytearray] = [bytearray()]

    def grow(self, hashes: bytes) -> list[Tile]:
        """Take further leaf hashes, one behind the other; answer the tiles that became complete, in their order."""
        complete: list[Tile] = []
        levels, digests, leaves = self._levels, self._digests, self._open[0]
        for at in range(0, len(hashes), HASH_BYTES):
            digest = hashes[at : at + HASH_BYTES]
            leaves += digest
            self.size += 1
            level = 0
            while levels and levels[-1] == level:
                levels.pop()
                digest = sha256(b"\x01" + digests.pop() + digest).digest()
                level += 1
                if not level % TILE_LEVELS:
                    complete.append(self._close(level // TILE_LEVELS - 1, digest))
            levels.append(level)
            digests.append(digest)
        return complete

    def root(self) -> bytes:
        """The root over the leaves so far (RFC 6962, 2.1)."""
        if not self._digests:
            return EMPTY_ROOT
        digest = self._digests[-1]
        for left in reversed(self._digests[:-1]):
            digest = node_hash(left, digest)
        return digest

    def _close(self, level: int, root: bytes) -> Tile:
        hashes = bytes(self._open[level])
        self._open[level].clear()
        if len(self._open) == level + 1:
            self._open.append(bytearray())
        self._open[level + 1] += root
        return Tile(level, (self.size >> TILE_LEVELS * (level + 1)) - 1, hashes, root)
