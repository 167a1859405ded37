"""The sweep as a whole: page after page, in bounded memory, while the ledger goes on growing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding, Findings
from miriam_reporting.audit.sweep import checkpoints, guards, leaves, order, tiles
from miriam_reporting.audit.sweep.asking import ask
from miriam_reporting.audit.sweep.order import MILESTONE, Order
from miriam_reporting.audit.sweep.tree import Tree
from miriam_transparency.merkle import HASH_BYTES
from miriam_transparency.notes import VerifierKey


@dataclass
class Swept:
    """What the sweep covered, and what it found. `retired` leaves have no body any more; their hashes stand."""

    position: int
    retired: int = 0
    root: bytes = b""
    sources: dict[str, int] = field(default_factory=dict)
    signed: checkpoints.Checked = field(default_factory=checkpoints.Checked)
    keys: int = 0
    findings: Findings = field(default_factory=Findings)

    def as_json(self) -> dict[str, Any]:
        """As `miriam audit verify --json` prints it."""
        signed = self.signed
        return {
            "position": self.position,
            "root": self.root.hex(),
            "retired": self.retired,
            "sources": self.sources,
            "checkpoints": {
                "checked": signed.checkpoints,
                "newest": signed.newest,
                "cosigned": signed.cosigned,
                "newest_cosigned": signed.newest_cosigned,
                "by_unknown_witnesses": signed.strangers,
                "keys": self.keys,
            },
            **self.findings.as_json(),
        }


def sweep(connection: Connection, keys: Sequence[VerifierKey], tell: Callable[[int], None] | None = None) -> Swept:
    """Compare everything in the ledger with everything else; `keys` are those that may sign it, `tell` is called with
    the number of leaves just read.

    The connection must be in autocommit mode. Only what stood there at the beginning is judged: what is added
    meanwhile comes later. Raises what psycopg2 raises of a lost connection.
    """
    # Read before the head: what is derived from leaves is never ahead of them, unless leaves are gone.
    signed, last_milestone = _newest_checkpoint(connection), _newest_milestone(connection)
    stored_tiles = tiles.newest(connection)
    position, highest, told = _heads(connection)
    found = Swept(position, keys=len(keys))
    found.findings.extend(guards.missing(connection))
    if highest > position:
        found.findings.add(Finding("head", f"leaves stand up to {highest}, the head says {position}", position))
    if signed > position:
        found.findings.extend(checkpoints.beyond(connection, position))
    found.findings.extend(tiles.beyond(stored_tiles, position))
    if last_milestone > position:
        found.findings.add(Finding("milestone", f"one stands at {last_milestone}, beyond the head", position))
    tree, counted = Tree(), Order()
    whole = True
    # A page ends at each milestone, where the counts so far are compared.
    for first in range(1, position + 1, MILESTONE):
        last = min(first + MILESTONE - 1, position)
        found.findings.extend(leaves.differing(connection, first, last))
        found.findings.extend(counted.read(connection, first, last))
        hashes, count, empty = ask(connection, "page", first=first, last=last)[0]
        if count != last - first + 1:
            found.findings.extend(order.holes(connection, first, last))
            if count > last - first + 1:
                found.findings.add(Finding("position", "several leaves stand at one position", first))
            whole = False
        found.retired += empty
        if empty:
            found.findings.extend(leaves.emptied(connection, first, last))
        if last % MILESTONE == 0:
            found.findings.extend(order.milestones(connection, last, counted, last_milestone))
        # Behind a hole every leaf has moved: no root beyond it could agree, and the hole is told already.
        if whole:
            _page(connection, tree, bytes(hashes), found, keys, stored_tiles)
        if tell is not None:
            tell(last - first + 1)
    found.root = tree.root() if whole else b""
    found.sources = dict(sorted(counted.last.items()))
    found.findings.extend(order.sources(connection, told, counted))
    return found


def _page(
    connection: Connection,
    tree: Tree,
    hashes: bytes,
    found: Swept,
    keys: Sequence[VerifierKey],
    stored_tiles: dict[int, int],
) -> None:
    """Let the tree grow by one page of leaves, stopping at each size that was signed."""
    before = tree.size
    last = before + len(hashes) // HASH_BYTES
    complete = []
    for each in checkpoints.stored(connection, before, last):
        complete += tree.grow(hashes[(tree.size - before) * HASH_BYTES : (each.size - before) * HASH_BYTES])
        found.findings.extend(checkpoints.check(each, tree.root(), keys, found.signed))
    complete += tree.grow(hashes[(tree.size - before) * HASH_BYTES :])
    found.findings.extend(tiles.compare(connection, complete, stored_tiles))


def _heads(connection: Connection) -> tuple[int, int, dict[str, int]]:
    """The head, the highest position, and each source's last number, all of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select position from ledger.head), (select coalesce(max(position), 0) from ledger.leaf),"
            " (select coalesce(json_object_agg(source, last_sequence), '{}') from ledger.source"
            "   where last_sequence > 0)"
        )
        row = cursor.fetchone()
        assert row is not None
        # Without its one row there is no head at all, which no honest ledger lacks.
        return row[0] or 0, row[1], row[2]


def _newest_checkpoint(connection: Connection) -> int:
    return _number(connection, "select coalesce(max(size), 0) from ledger.checkpoint")


def _newest_milestone(connection: Connection) -> int:
    return _number(connection, "select coalesce(max(position), 0) from ledger.milestone")


def _number(connection: Connection, query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])
