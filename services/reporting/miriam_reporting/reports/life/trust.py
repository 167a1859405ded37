"""Whom a publication trusts: the log's own keys, and the authority's as the first of the witnesses."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.tree import consistency
from miriam_reporting.reports.life.errors import NotCosigned, Untrue
from miriam_transparency.keys import read_public
from miriam_transparency.merkle import ProofError, verify_consistency
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, VerifierKey

_LOG_KEYS = "log.vkeys"
_WITNESSES = "witnesses.vkeys"


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys of the log (any of them may have signed) and of the authority, which must have cosigned."""

    log: Sequence[VerifierKey]
    authority: VerifierKey

    @classmethod
    def of_folder(cls, folder: Path) -> "Trust":
        """From reporting's folder of keys. Raises KeyFileError."""
        witnesses = [key for key in read_public(folder / _WITNESSES) if key.kind == COSIGNATURE]
        log = [key for key in read_public(folder / _LOG_KEYS) if key.kind == LOG]
        if not witnesses or not log:
            raise NotCosigned(f"{folder}: {_LOG_KEYS} and {_WITNESSES} must each hold a key")
        return cls(log, witnesses[0])


def cosigned(connection: Connection, position: int, root: bytes, trust: Trust) -> str:
    """A signed head over `position` leaves or more that the authority cosigned, proved to begin with this `root`.

    The smallest there is: its whole text, with every cosignature known. Raises NotCosigned, and Untrue where what is
    kept is false.
    """
    signed = checkpoints.covering(connection, position, trust.authority.name)
    if signed is None:
        raise NotCosigned(
            f"no signed head of {position} leaves or more is cosigned by {trust.authority.name}:"
            " the authority runs `miriam audit witness` first"
        )
    try:
        note = Note.parse(signed.note)
        kinds = {each.key.kind for each in note.verified_by([*trust.log, trust.authority])}
        head = Checkpoint.parse(note.text)
        if kinds != {LOG, COSIGNATURE}:
            raise NoteError("the log or the authority has not signed it")
        proof = consistency(connection, position, head.size)
        verify_consistency(position, root, head.size, head.root, proof)
    except (NoteError, ProofError) as error:
        told = base64.b64encode(root).decode()
        raise Untrue(f"the head of {signed.size} leaves does not prove root {told} at {position}: {error}") from error
    return signed.note
