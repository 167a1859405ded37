"""The stored checkpoints: each root is that of the leaves, each signature is of a key that is trusted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, Signature, VerifierKey

# By so much the clocks of services, database and witnesses may differ.
CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Stored:
    """A checkpoint as the database holds it: columns, note, the lines of its witnesses; and when the last of its
    leaves was recorded, by that leaf itself (None where its body is gone).
    """

    size: int
    root: bytes
    note: str
    signed_at: datetime
    lines: tuple[str, ...]
    recorded_at: datetime | None


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
    last_signed_at: datetime | None = None


def stored(connection: Connection, after: int, last: int) -> list[Stored]:
    """The checkpoints of sizes after+1..last, in the order of their sizes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select checkpoint.size, checkpoint.root, checkpoint.note, checkpoint.signed_at,"
            "       array(select cosignature.line from ledger.cosignature where cosignature.size = checkpoint.size"
            "              order by cosignature.name),"
            "       (select leaf.data ->> 'recordedtime' from ledger.leaf where leaf.position = checkpoint.size)"
            "  from ledger.checkpoint where checkpoint.size > %s and checkpoint.size <= %s order by checkpoint.size",
            (after, last),
        )
        return [
            Stored(size, bytes(root), note, signed_at, tuple(lines), moment(recorded))
            for size, root, note, signed_at, lines, recorded in cursor.fetchall()
        ]


def check(each: Stored, root: bytes, keys: Sequence[VerifierKey], checked: Checked) -> Iterator[Finding]:
    """Compare one checkpoint with the root of the leaves; without keys, its signatures are not looked at."""
    checked.checkpoints += 1
    checked.newest = max(checked.newest, each.size)
    yield from _times(each, checked)
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
    good: list[int] = []
    for signature in found.values():
        key = witnesses.get((signature.name, signature.key_id))
        if key is None:
            # The note itself has lines of the log's own keys as well.
            checked.strangers += signature not in note.signatures
            continue
        try:
            good += [one.time or 0 for one in Note(note.text, (signature,)).verified_by((key,))]
        except NoteError as error:
            yield Finding("cosignature", f"of size {each.size}: {error}", each.size)
    if good:
        checked.cosigned += 1
        checked.newest_cosigned = max(checked.newest_cosigned, each.size)
        if each.signed_at.timestamp() > min(good) + CLOCKS.total_seconds():
            yield Finding("time", f"size {each.size} is said to be signed after it was cosigned", each.size)


def _times(each: Stored, checked: Checked) -> Iterator[Finding]:
    """A date means the last checkpoint signed on it, so nobody may move one to another day."""
    if checked.last_signed_at is not None and each.signed_at < checked.last_signed_at - CLOCKS:
        yield Finding("time", f"size {each.size} is said to be signed before a smaller one", each.size)
    checked.last_signed_at = max(each.signed_at, checked.last_signed_at or each.signed_at)
    if each.recorded_at is not None and each.signed_at < each.recorded_at - CLOCKS:
        yield Finding("time", f"size {each.size} is said to be signed before its last leaf was recorded", each.size)


def moment(text: str | None) -> datetime | None:
    """A time as events write it; None where there is none that could be read."""
    try:
        told = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _of(keys: Iterable[VerifierKey], kind: int) -> list[VerifierKey]:
    return [key for key in keys if key.kind == kind]
