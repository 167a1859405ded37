"""The signed heads of the ledger, newest first, and whether the newest still begins with an old one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger import checkpoints, tree
from miriam_transparency import merkle

_PAGE = """
select checkpoint.size, checkpoint.root, checkpoint.signed_at,
       array(select cosignature.name
               from ledger.cosignature
              where cosignature.size = checkpoint.size
              order by cosignature.name collate "C")
  from ledger.checkpoint
 where checkpoint.size < %(before)s
 order by checkpoint.size desc
 limit %(rows)s
"""
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head: so many leaves, their root, when it was signed, and whose cosignatures are kept of it."""

    size: int
    root: bytes
    signed_at: dt.datetime
    cosigned_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Consistency:
    """Whether the ledger of `new` leaves begins with that of `old` leaves, as both were signed."""

    old: Head
    new: Head
    holds: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How many leaves the ledger has, the newest signed head, and what was checked of it."""

    leaves: int
    newest: Head | None
    consistency: Consistency | None


def page(connection: Connection, before: int | None, rows: int) -> list[Head]:
    """Up to `rows` heads with fewer leaves than `before` (None: the newest)."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, {"before": _LARGEST if before is None else before, "rows": rows})
        return [Head(size, bytes(root), signed_at, names) for size, root, signed_at, names in cursor]


def standing(connection: Connection) -> Standing:
    """The ledger now. The first head that was ever signed is proved to be the beginning of the newest."""
    with connection.cursor() as cursor:
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
        assert row is not None
        leaves = int(row[0])
        cursor.execute("select min(size) from ledger.checkpoint")
        (first,) = cursor.fetchone() or (None,)
    newest = next(iter(page(connection, None, 1)), None)
    if newest is None or first is None or first == newest.size:
        return Standing(leaves, newest, None)
    (oldest,) = page(connection, first + 1, 1)
    return Standing(leaves, newest, Consistency(oldest, newest, _continues(connection, oldest, newest)))


def _continues(connection: Connection, old: Head, new: Head) -> bool:
    try:
        proof = tree.consistency(connection, old.size, new.size)
        merkle.verify_consistency(old.size, old.root, new.size, new.root, proof)
    except (tree.BeyondLedger, merkle.ProofError):
        return False
    return True


def note_at(connection: Connection, size: int) -> str | None:
    """The signed note of exactly this size, with its cosignatures; None where no head of it was signed."""
    found = checkpoints.at(connection, size)
    return None if found is None else found.note
