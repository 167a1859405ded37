"""Leaves with the proof that the ledger holds them, checked before they are shown."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger import checkpoints, tree
from miriam_transparency import merkle
from miriam_transparency.notes import Checkpoint, Note


class NotProved(Exception):
    """What the ledger holds is not what its tree says: it was tampered with. The message names the position."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the tree: signed, as the note says; or computed, where no large enough one was signed."""

    size: int
    root: bytes
    note: str | None

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"size": self.size, "root": base64.b64encode(self.root).decode(), "note": self.note}


@dataclass(frozen=True, slots=True)
class Proven:
    """A leaf and the proof, verified, that it is in the tree of that head."""

    position: int
    leaf: bytes
    head: Head
    path: Sequence[bytes]

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it: the index counts from 0, as in RFC 6962."""
        path = [base64.b64encode(each).decode() for each in self.path]
        return {"index": self.position - 1, "leaf": self.leaf.hex(), "proof": path, "checkpoint": self.head.as_json()}


def head_for(connection: Connection, position: int) -> Head:
    """The newest signed head; where it does not reach `position`, the tree's own at the ledger's end, unsigned."""
    signed = checkpoints.latest(connection)
    if signed is not None and signed.size >= position:
        return Head(signed.size, Checkpoint.parse(Note.parse(signed.note).text).root, signed.note)
    with connection.cursor() as cursor:
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
        assert row is not None
        size = int(row[0])
    return Head(size, tree.root_at(connection, size), None)


def prove(connection: Connection, leaves: Iterable[tuple[int, bytes]], head: Head) -> list[Proven]:
    """Leaves, given as position and hash, with their proofs at `head`. Raises NotProved at the first untruth."""
    asked = list(leaves)
    paths = tree.inclusions(connection, [position for position, _ in asked], head.size)
    found = []
    for (position, leaf), path in zip(asked, paths, strict=True):
        try:
            merkle.verify_inclusion(leaf, position - 1, head.size, path, head.root)
        except merkle.ProofError as wrong:
            raise NotProved(f"leaf {position} is not in the ledger's tree of {head.size} leaves") from wrong
        found.append(Proven(position, leaf, head, path))
    return found
