"""The keys of the log, in reporting's MIRIAM_KEYS_DIR, and its name.

log.pem         the key that signs            log.<key id>.pem   keys that it replaced
log.vkeys       their public halves           witnesses.vkeys    whose cosignatures are taken; the authority's first
log.signed      the last head that was signed: a log must not sign what does not continue it (MIRIAM_LOG_STATE names
                another file, where the keys cannot be written to)
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from miriam_platform.config import ConfigurationError
from miriam_transparency import rotation
from miriam_transparency.keys import KeyFileError, SigningKey, read_private, read_public, replace_file
from miriam_transparency.notes import COSIGNATURE, LOG, Note, NoteError, VerifierKey, sign

ORIGIN = "MIRIAM_LOG_ORIGIN"
STATE = "MIRIAM_LOG_STATE"
DEFAULT_ORIGIN = "miriam.example/ledger"


def log_origin(environment: Mapping[str, str] | None = None) -> str:
    """MIRIAM_LOG_ORIGIN: the name of the log, a URL without its scheme. Raises ConfigurationError."""
    given = (os.environ if environment is None else environment).get(ORIGIN, "") or DEFAULT_ORIGIN
    try:
        VerifierKey(given, LOG, bytes(32))
    except NoteError as error:
        raise ConfigurationError(f"{ORIGIN}: a name like {DEFAULT_ORIGIN}: {error}") from error
    return given


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys in a folder, read anew at each call, so that a rotation needs no restart."""

    folder: Path
    state: Path | None = None

    @classmethod
    def of_environment(cls, folder: Path) -> "LogKeys":
        """The keys in `folder`, and the state where MIRIAM_LOG_STATE says."""
        named = os.environ.get(STATE, "")
        return cls(folder, Path(named) if named else None)

    @property
    def signed(self) -> Path:
        """The file that remembers the last head."""
        return self.state or self.folder / "log.signed"

    @property
    def path(self) -> Path:
        """Where the key that signs lies."""
        return self.folder / "log.pem"

    def make_missing(self, origin: str) -> None:
        """Make the key of the log where there is none. Raises ConfigurationError where there is one of another name."""
        key = rotation.make_missing(self.path, origin, LOG)
        if key.verifier.name != origin or key.verifier.kind != LOG:
            raise ConfigurationError(f"{self.path} is the {key.verifier.name} key, and {ORIGIN} is {origin}")

    def current(self) -> SigningKey:
        """The key that signs. Raises KeyFileError."""
        return read_private(self.path)

    def published(self) -> tuple[VerifierKey, ...]:
        """The public halves of the log's keys, newest first. Raises KeyFileError."""
        return rotation.published(self.path)

    def witnesses(self) -> tuple[VerifierKey, ...]:
        """The keys whose cosignatures are taken; none where there is no file. Raises KeyFileError."""
        path = self.folder / "witnesses.vkeys"
        return tuple(key for key in read_public(path) if key.kind == COSIGNATURE) if path.exists() else ()

    def sign(self, text: str, last: Note | None) -> Note:
        """Sign a head. The first of a new key is signed by the keys of the one before it too, as far as they are held.

        So who knows the old key alone sees that it handed over. Raises KeyFileError.
        """
        key = self.current()
        note = Note(text, (sign(text, key),))
        if last is None or last.verified_by([key.verifier]):
            return note
        for each in last.verified_by(self.published()):
            old = rotation.still_held(self.path, each.key)
            if old is not None:
                note = note.with_signature(sign(text, old))
        return note

    def remember(self, note: Note) -> None:
        """Keep the last head, before anybody is shown it."""
        replace_file(self.signed, str(note), 0o600)

    def remembered(self) -> Note | None:
        """The last head that was signed here. Raises KeyFileError where it cannot be read."""
        path = self.signed
        try:
            return Note.parse(path.read_bytes()) if path.exists() else None
        except (OSError, NoteError) as error:
            raise KeyFileError(f"{path}: {error}") from error
