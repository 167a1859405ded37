"""A proof that stands alone (C2SP tlog-proof): index, path and signed checkpoint in one text."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from miriam_transparency.merkle import HASH_BYTES, ProofError, verify_inclusion
from miriam_transparency.notes import LOG, Checkpoint, Note, NoteError, Verified, VerifierKey

_HEADING = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})", re.ASCII)
_MOST_STEPS = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """That the leaf at `index` (from 0) is in the log whose signed head is `checkpoint` (a note)."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """Read a proof in its one form. Raises NoteError."""
        head, found, note = text.partition("\n\n")
        lines = head.split("\n")
        if not found or len(lines) < 2 or lines[0] != _HEADING:
            raise NoteError(f"a proof begins with {_HEADING}")
        index = _INDEX.fullmatch(lines[1])
        if index is None:
            raise NoteError("a proof's second line is its index")
        path = tuple(hash_of(line) for line in lines[2:])
        if len(path) > _MOST_STEPS:
            raise NoteError(f"a proof has {_MOST_STEPS} hashes or fewer")
        Note.parse(note)
        return cls(int(index[1]), path, note)

    def text(self) -> str:
        """The text that `parse` reads."""
        lines = [_HEADING, f"index {self.index}", *(base64.b64encode(each).decode() for each in self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def verify(self, leaf_hash: bytes, keys: Iterable[VerifierKey]) -> tuple[Verified, ...]:
        """Check the path and the checkpoint's signatures; answer whose they are.

        Raises ProofError where the leaf is not proved, NoteError where no log key among `keys` signed the checkpoint,
        or a signature of one of them is false.
        """
        note = Note.parse(self.checkpoint)
        signed = note.verified_by(keys)
        head = Checkpoint.parse(note.text)
        # A name may hold for many keys; that of the log itself must be its origin.
        if not any(each.key.kind == LOG and each.key.name == head.origin for each in signed):
            raise NoteError("no known key of the log signed the checkpoint")
        verify_inclusion(leaf_hash, self.index, head.size, self.path, head.root)
        return signed


def hash_of(text: str) -> bytes:
    """A hash out of its base64, in its one form. Raises NoteError."""
    try:
        digest = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise NoteError("a hash is not base64") from None
    if len(digest) != HASH_BYTES or base64.b64encode(digest).decode() != text:
        raise NoteError(f"a hash is the canonical base64 of {HASH_BYTES} bytes")
    return digest


__all__ = ["Proof", "ProofError", "hash_of"]
