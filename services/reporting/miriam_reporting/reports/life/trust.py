"""Whom a publication trusts: the log's own keys, and the authority's as the first of the witnesses."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection as Connection

from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.checkpoints import Signed
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.ledger.tree import consistency
from miriam_reporting.reports.life.errors import NotCosigned, Untrue
from miriam_transparency.merkle import ProofError, verify_consistency
from miriam_transparency.notes import Checkpoint, Note, NoteError, VerifierKey


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys of the log (any of them may have signed) and of the authority, which must have cosigned."""

    log: Sequence[VerifierKey]
    authority: VerifierKey

    @classmethod
    def of_folder(cls, folder: Path) -> "Trust":
        """From reporting's folder of keys. Raises KeyFileError, NotCosigned where no witness is accepted."""
        keys = LogKeys(folder)
        log, witnesses = keys.published(), keys.witnesses()
        if not witnesses:
            raise NotCosigned(f"{folder / 'witnesses.vkeys'} names no witness: the authority's key stands first in it")
        return cls(log, witnesses[0])


def cosigned(connection: Connection, position: int, root: bytes, trust: Trust) -> str:
    """A signed head over `position` leaves or more that the authority cosigned, proved to begin with this `root`.

    The smallest there is, or the newest where that was cosigned by a key of the authority that another replaced since.
    Its whole text, with every cosignature known. Raises NotCosigned, and Untrue where what is kept is false.
    """
    for signed in _candidates(connection, position, trust.authority.name):
        try:
            note = Note.parse(signed.note)
            keys = {each.key for each in note.verified_by([*trust.log, trust.authority])}
            head = Checkpoint.parse(note.text)
            if trust.authority not in keys:
                continue
            if not keys.intersection(trust.log):
                raise NoteError("no key of the log has signed it")
            proof = consistency(connection, position, head.size)
            verify_consistency(position, root, head.size, head.root, proof)
        except (NoteError, ProofError) as error:
            told = base64.b64encode(root).decode()
            raise Untrue(f"the head of {signed.size} leaves does not prove {told} at {position}: {error}") from error
        return signed.note
    raise NotCosigned(
        f"no signed head of {position} leaves or more is cosigned by {trust.authority.name}:"
        " the authority runs `miriam audit witness` first"
    )


def _candidates(connection: Connection, position: int, authority: str) -> list[Signed]:
    smallest = checkpoints.covering(connection, position, authority)
    if smallest is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("select max(size) from ledger.cosignature where name = %s", (authority,))
        ((size,),) = cursor.fetchall()
    newest = checkpoints.at(connection, size)
    return [smallest, newest] if newest and newest != smallest else [smallest]
