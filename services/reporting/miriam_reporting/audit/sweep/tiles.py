"""The stored tiles against the tree that was computed from the leaves."""

from collections.abc import Iterator, Sequence

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_reporting.audit.sweep.tree import TILE_LEVELS, Tile


def newest(connection: Connection) -> dict[int, int]:
    """The index of the last tile that is stored, by level: later ones are not written yet."""
    with connection.cursor() as cursor:
        cursor.execute("select level, max(index) from ledger.tile group by level")
        return dict(cursor.fetchall())


def compare(connection: Connection, computed: Sequence[Tile], last: dict[int, int]) -> Iterator[Finding]:
    """Compare tiles with those stored under the same level and index."""
    if not computed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select tile.level, tile.index, tile.hashes, tile.root"
            "  from unnest(%s::int[], %s::bigint[]) as asked (level, index)"
            "  join ledger.tile on tile.level = asked.level and tile.index = asked.index",
            ([tile.level for tile in computed], [tile.index for tile in computed]),
        )
        stored = {(level, index): (bytes(hashes), bytes(root)) for level, index, hashes, root in cursor.fetchall()}
    for tile in computed:
        first = (tile.index << TILE_LEVELS * (tile.level + 1)) + 1
        name = f"tile {tile.index} of level {tile.level}"
        found = stored.get((tile.level, tile.index))
        if found is None:
            if tile.index <= last.get(tile.level, -1):
                yield Finding("tile", f"{name} is missing", first)
            continue
        wrong = [what for what, mine, theirs in (("hashes", tile.hashes, found[0]), ("root", tile.root, found[1]))
                 if mine != theirs]  # fmt: skip
        if wrong:
            yield Finding("tile", f"{name}: {' and '.join(wrong)} are not those of the leaves", first)


def beyond(last: dict[int, int], position: int) -> Iterator[Finding]:
    """Tiles of leaves that the ledger does not hold."""
    for level, index in sorted(last.items()):
        if (index + 1) << TILE_LEVELS * (level + 1) > position:
            yield Finding("tile", f"tile {index} of level {level} is of more leaves than the ledger holds", position)
