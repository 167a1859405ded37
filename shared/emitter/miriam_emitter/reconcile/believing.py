"""Which head of the log is believed: signed by the log, cosigned by a witness, and a continuation of what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from miriam_emitter.errors import NotConfigured
from miriam_emitter.reconcile.asking import Reporting
from miriam_emitter.reconcile.papers import Papers
from miriam_emitter.reconcile.result import Kind, Reconciled
from miriam_transparency.keys import KeyFileError, read_public
from miriam_transparency.log import LogRefused
from miriam_transparency.merkle import ProofError, verify_consistency
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, Verified, VerifierKey

TRUST = "AUTHORITY.pub"


class NotCosigned(Exception):
    """The log shows no head that a trusted witness cosigned: nothing can be proved yet."""


@dataclass(frozen=True, slots=True)
class Believed:
    """A head, its note, and who signed it."""

    head: Checkpoint
    note: Note
    signed: tuple[Verified, ...]


def trusted(path: Path) -> tuple[VerifierKey, ...]:
    """The keys in a trust file. Raises NotConfigured."""
    try:
        return read_public(path)
    except KeyFileError as problem:
        raise NotConfigured(str(problem), f"ask the authority for {TRUST}, or name it by --trust") from None


def newest(reporting: Reporting, keys: Sequence[VerifierKey]) -> Believed:
    """The largest head that a trusted key of the log signed and a trusted witness cosigned.

    Where the file has no witness the log's word alone is taken; where it has no key of the log, the witnesses'. Raises
    NotCosigned, and LogUnreachable or LogRefused of a log that does not answer.
    """
    witnesses = sorted({key.name for key in keys if key.kind == COSIGNATURE})
    texts = [reporting.cosigned(name) for name in witnesses] if witnesses else [reporting.checkpoint()]
    found = [believed for text in texts if text is not None and (believed := _believed(text, keys)) is not None]
    if not found:
        raise NotCosigned("the log shows no head that its key signed and a trusted witness cosigned")
    return max(found, key=lambda each: each.head.size)


def continues(reporting: Reporting, believed: Believed, papers: Papers, found: Reconciled) -> bool:
    """Whether the head continues the one that was believed last; where it does not, `found` is told how."""
    kept = papers.seen(believed.head.origin)
    return kept is None or extends(reporting, Checkpoint.parse(Note.parse(kept).text), believed.head, found)


def extends(reporting: Reporting, old: Checkpoint, new: Checkpoint, found: Reconciled) -> bool:
    """Whether the tree of `new` begins with that of `old`; where it does not, `found` is told how."""
    if new.size < old.size:
        found.tell(Kind.LOG, f"it shows {new.size} leaves, and {old.size} were seen before: leaves were dropped")
        return False
    try:
        proof = [] if new.size == old.size else reporting.consistency(old.size, new.size)
        verify_consistency(old.size, old.root, new.size, new.root, proof)
    except (ProofError, LogRefused) as problem:
        found.tell(Kind.LOG, f"its {new.size} leaves do not begin with the {old.size} seen before: {problem}")
        return False
    return True


def _believed(text: str, keys: Sequence[VerifierKey]) -> Believed | None:
    try:
        note = Note.parse(text)
        signed = note.verified_by(keys)
        head = Checkpoint.parse(note.text)
    except NoteError:
        return None
    kinds = {kind for kind in (LOG, COSIGNATURE) if any(key.kind == kind for key in keys)}
    # A key of the log signs its own log only; a witness may look after several.
    by = {each.key.kind for each in signed if each.key.kind != LOG or each.key.name == head.origin}
    return Believed(head, note, signed) if kinds <= by else None
