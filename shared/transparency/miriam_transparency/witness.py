"""A witness of a log: remembers the last head that it saw, and cosigns a newer one only if that begins with it.

What it remembers is the note that it cosigned itself, in a file: written whole and synced before the cosignature is
handed out, locked against a second witness with the same file. So whatever happens to the log, two heads that do not
belong to one history are never both cosigned by one witness.
"""

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from miriam_transparency.keys import SigningKey, replace_file
from miriam_transparency.log import LogClient, LogRefused
from miriam_transparency.merkle import EMPTY_ROOT, ProofError, verify_consistency
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, NoteError, VerifierKey, cosign

# A cosignature says when; the clock of a witness may lag behind itself by so many seconds, after a correction.
CLOCK_SLACK = 5
# What a log or a proxy before it answers when it will be back.
LOG_IS_AWAY = frozenset({429, 502, 503, 504})


class Reason(Enum):
    """Why a head is not cosigned, and what that means."""

    FORK = "two heads of one size have different roots: the log shows different histories"
    SHRUNKEN = "the log is smaller than what was seen of it: leaves were dropped, or an old state was restored"
    REWRITTEN = "the log does not begin with what was seen of it: its history was rewritten"
    SIGNATURE = "no trusted key of the log signed this head"
    ORIGIN = "this is another log"
    CLOCK = "the clock stands before the last cosignature: it must be set right first"
    STATE = "what the witness remembers is not what it cosigned"


class Refused(Exception):
    """A head was not cosigned. `evidence` is what the log showed, kept in a file where it proves something."""

    def __init__(self, reason: Reason, detail: str, evidence: Path | None = None) -> None:
        super().__init__(f"{reason.name.lower()}: {reason.value} ({detail})")
        self.reason = reason
        self.evidence = evidence


class NothingRemembered(Exception):
    """There is no state yet: whether to begin from nothing is a decision that a person makes."""


class AlreadyRuns(Exception):
    """Another witness holds this state."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A head consistent with all that was seen before. `before` is the size seen last, `signed` whether it is new."""

    size: int
    root: bytes
    before: int
    signed: bool


def begin(state: Path, origin: str, key: SigningKey, now: int) -> None:
    """Remember the empty log, with which every log begins. Raises FileExistsError where something is remembered."""
    if state.exists():
        raise FileExistsError(state)
    text = Checkpoint(origin, 0, EMPTY_ROOT).text()
    replace_file(state, str(Note(text, (cosign(text, key, now),))), 0o600)


class Witness:
    """A witness with its key, the log keys that it trusts and its state; use it within `holding`.

    `former` are public halves of keys that its key took the place of: what they cosigned is remembered too.
    """

    def __init__(
        self, key: SigningKey, trusted: Sequence[VerifierKey], state: Path, clock: Callable[[], float] = time.time,
        former: Sequence[VerifierKey] = (),
    ) -> None:  # fmt: skip
        self._key = key
        self._own = [key.verifier, *(each for each in former if each.kind == COSIGNATURE and each != key.verifier)]
        self._state = state
        self._clock = clock
        self.trust(trusted)

    def trust(self, keys: Sequence[VerifierKey]) -> None:
        """Believe these keys of the log from now on, and no others."""
        self._trusted = [each for each in keys if each.kind == LOG]

    @contextmanager
    def holding(self) -> Iterator["Witness"]:
        """Hold the state. Raises AlreadyRuns."""
        self._state.parent.mkdir(parents=True, exist_ok=True)
        with self._state.with_name(f"{self._state.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise AlreadyRuns(f"another witness holds {self._state}") from None
            yield self

    def remembered(self) -> tuple[Checkpoint, Note]:
        """The last head cosigned. Raises NothingRemembered, or Refused where it is not our own."""
        try:
            text = self._state.read_bytes()
        except FileNotFoundError:
            raise NothingRemembered(f"{self._state} is not there") from None
        try:
            note = Note.parse(text)
            mine = note.verified_by(self._own)
            head = Checkpoint.parse(note.text)
        except NoteError as error:
            raise Refused(Reason.STATE, str(error)) from error
        if not mine:
            raise Refused(Reason.STATE, "it has no cosignature of this witness")
        return head, note

    def round(self, log: LogClient) -> Seen | None:
        """Fetch the newest head, check it, cosign it, hand the cosignature in; None where the log has none yet.

        Raises Refused, NothingRemembered, LogUnreachable, LogRefused.
        """
        last, kept = self.remembered()
        given = log.checkpoint()
        if given is None:
            if last.size:
                raise Refused(Reason.SHRUNKEN, f"{last.size} leaves were seen, and now no head is shown")
            return None
        note = self._authentic(given, last)
        head = Checkpoint.parse(note.text)
        if (head.size, head.root) == (last.size, last.root):
            self._hand_in(log, note, kept)
            return Seen(head.size, head.root, last.size, False)
        self._check(log, last, head, note)
        cosigned = note.with_signature(cosign(note.text, self._key, self._now(kept)))
        replace_file(self._state, str(cosigned), 0o600)
        self._hand_in(log, note, cosigned)
        return Seen(head.size, head.root, last.size, True)

    def _authentic(self, given: str, last: Checkpoint) -> Note:
        """The note, signed by a trusted key of this log. Raises Refused."""
        try:
            note = Note.parse(given)
            head = Checkpoint.parse(note.text)
            if head.origin != last.origin:
                raise Refused(Reason.ORIGIN, f"{head.origin} where {last.origin} is known")
            signed = note.verified_by([*self._trusted, *self._own])
        except NoteError as error:
            raise Refused(Reason.SIGNATURE, str(error)) from error
        if not any(each.key.kind == LOG and each.key.name == head.origin for each in signed):
            raise Refused(Reason.SIGNATURE, "the keys of its lines are not among those trusted")
        return note

    def _check(self, log: LogClient, last: Checkpoint, head: Checkpoint, note: Note) -> None:
        """Check that the head continues the last one. Raises Refused, with the evidence kept."""
        if head.size == last.size:
            raise self._refusal(Reason.FORK, f"both of {head.size} leaves", note)
        if head.size < last.size:
            raise self._refusal(Reason.SHRUNKEN, f"{head.size} leaves, {last.size} were seen", note)
        try:
            proof = log.consistency(last.size, head.size)
        except LogRefused as refused:
            if refused.status in LOG_IS_AWAY:
                raise
            # It signed this head and cannot show what it stands on.
            raise self._refusal(Reason.REWRITTEN, f"{last.size} to {head.size}: no proof, {refused}", note) from refused
        try:
            verify_consistency(last.size, last.root, head.size, head.root, proof)
        except ProofError as error:
            raise self._refusal(Reason.REWRITTEN, f"{last.size} to {head.size}: {error}", note) from error

    def _refusal(self, reason: Reason, detail: str, note: Note) -> Refused:
        # A head that the log signed and that does not fit is a proof against the log: it is kept for others to see.
        evidence = self._state.with_name(f"{self._state.name}.{reason.name.lower()}")
        replace_file(evidence, str(note), 0o600)
        return Refused(reason, detail, evidence)

    def _now(self, kept: Note) -> int:
        now = int(self._clock())
        before = max(each.time or 0 for each in kept.verified_by(self._own))
        if now < before - CLOCK_SLACK:
            raise Refused(Reason.CLOCK, f"it is {now}, the last cosignature was made at {before}")
        return max(now, before)

    def _hand_in(self, log: LogClient, given: Note, kept: Note) -> None:
        """Hand in our own line, unless the log shows it already. The empty head is no one's to sign."""
        own = {(key.name, key.key_id) for key in self._own}
        mine = [each for each in kept.signatures if (each.name, each.key_id) in own]
        shown = any((each.name, each.key_id) in own for each in given.signatures)
        if not shown and Checkpoint.parse(kept.text).size:
            log.add_cosignatures(str(Note(kept.text, tuple(mine))))
