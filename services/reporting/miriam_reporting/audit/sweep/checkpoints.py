"""The stored checkpoints: each root is that of the leaves, each signature is of a key that is trusted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, Signature, VerifierKey


@dataclass(frozen=True, slots=True)
class Stored:
    """A checkpoint as the database holds it: its columns, its note, and the lines of its witnesses."""

    size: int
    root: bytes
    note: str
    lines: tuple[str, ...]


@dataclass
class Checked:
    """How many checkpoints were compared, how many cosigned, and the newest of each; `strangers` are witnesses whose
    keys are not known here: of their lines nothing can be said.
    """

    checkpoints: int = 0
    cosigned: int = 0
    newest: int = 0
    newest_cosigned: int = 0
    strangers: int = 0


def stored(connection: Connection, after: int, last: int) -> list[Stored]:
    """The checkpoints of sizes after+1..last, in the order of their sizes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select checkpoint.size, checkpoint.root, checkpoint.note,"
            "       array(select cosignature.line from ledger.cosignature where cosignature.size = checkpoint.size"
            "              order by cosignature.name)"
            "  from ledger.checkpoint where checkpoint.size > %s and checkpoint.size <= %s order by checkpoint.size",
            (after, last),
        )
        return [Stored(size, bytes(root), note, tuple(lines)) for size, root, note, lines in cursor.fetchall()]


def check(each: Stored, root: bytes, keys: Sequence[VerifierKey], checked: Checked) -> Iterator[Finding]:
    """Compare one checkpoint with the root of the leaves; without keys, its signatures are not looked at."""
    checked.checkpoints += 1
    checked.newest = max(checked.newest, each.size)
    if each.root != root:
        yield Finding("checkpoint", f"the root of size {each.size} is not that of the leaves", each.size)
    try:
        note = Note.parse(each.note)
        told = Checkpoint.parse(note.text)
    except NoteError as error:
        yield Finding("checkpoint", f"the note of size {each.size} cannot be read: {error}", each.size)
        return
    if (told.size, told.root) != (each.size, root):
        yield Finding("checkpoint", f"the signed note of size {each.size} is of another tree", each.size)
    if keys:
        yield from _signatures(each, note, keys, checked)


def beyond(connection: Connection, position: int) -> Iterator[Finding]:
    """Checkpoints of more leaves than there are: the ledger has shrunk since they were signed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), max(size) from ledger.checkpoint where size > %s having count(*) > 0", (position,)
        )
        for count, size in cursor.fetchall():
            what = f"{count} signed of up to {size} leaves, where the ledger holds {position}"
            yield Finding("checkpoint", what, position)


def _signatures(each: Stored, note: Note, keys: Sequence[VerifierKey], checked: Checked) -> Iterator[Finding]:
    try:
        if not any(one.key.kind == LOG for one in note.verified_by(_of(keys, LOG))):
            yield Finding("signature", f"no known key of the log signed the note of size {each.size}", each.size)
    except NoteError as error:
        yield Finding("signature", f"the note of size {each.size}: {error}", each.size)
    witnesses = {(key.name, key.key_id): key for key in _of(keys, COSIGNATURE)}
    # A cosignature may stand in the note as well as beside it.
    found = {signature.line(): signature for signature in note.signatures}
    for line in each.lines:
        try:
            found.setdefault(line if line.endswith("\n") else f"{line}\n", Signature.parse(line.rstrip("\n")))
        except NoteError as error:
            yield Finding("cosignature", f"of size {each.size} cannot be read: {error}", each.size)
    good = 0
    for signature in found.values():
        key = witnesses.get((signature.name, signature.key_id))
        if key is None:
            # The note itself has lines of the log's own keys as well.
            checked.strangers += signature not in note.signatures
            continue
        try:
            good += len(Note(note.text, (signature,)).verified_by((key,)))
        except NoteError as error:
            yield Finding("cosignature", f"of size {each.size}: {error}", each.size)
    if good:
        checked.cosigned += 1
        checked.newest_cosigned = max(checked.newest_cosigned, each.size)


def _of(keys: Iterable[VerifierKey], kind: int) -> list[VerifierKey]:
    return [key for key in keys if key.kind == kind]
