"""Signed notes, checkpoints and cosignatures, as C2SP signed-note, tlog-checkpoint and tlog-cosignature define them.

A note is read strictly: it has one form only, every byte of it is accounted for, and printing it gives the same bytes.
"""

import base64
import binascii
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from miriam_transparency.merkle import HASH_BYTES

LOG = 0x01  # Ed25519 over the note's text
COSIGNATURE = 0x04  # Ed25519 over a time and the note's text: cosignature/v1
KINDS = {LOG: "log", COSIGNATURE: "witness"}

# A head may be cosigned by every CPAS.
_MOST_BYTES = 256 * 1024
_MOST_SIGNATURES = 1024
_DASH = "\u2014 "
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)


class NoteError(ValueError):
    """A note, a checkpoint or a key is not in its one form, or a known key's signature is false. Says why."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key: who signs, in which way (LOG or COSIGNATURE), and 32 bytes of Ed25519."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in KINDS:
            raise NoteError(f"key {self.name}: type {self.kind:#04x} is not known here")
        if len(self.public) != 32:
            raise NoteError(f"key {self.name}: an Ed25519 key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """From `<name>+<key id>+<base64 of type and key>`. Raises NoteError."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
            raise NoteError("a key is <name>+<8 hex digits>+<base64>")
        material = _decoded(parts[2])
        if not material:
            raise NoteError("a key has a type and 32 bytes")
        key = cls(parts[0], material[0], material[1:])
        if key.key_id.hex() != parts[1]:
            raise NoteError(f"key {key.name}: its id is not the hash of it")
        return key

    @property
    def key_id(self) -> bytes:
        """Four bytes of SHA-256 over name, newline, type and key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def text(self) -> str:
        """The line that `parse` reads."""
        return f"{self.name}+{self.key_id.hex()}+{_encoded(bytes([self.kind]) + self.public)}"


class Signer(Protocol):
    """A private key that signs bytes, and its public half."""

    @property
    def verifier(self) -> VerifierKey: ...  # noqa: D102

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose it is, and what follows the key id in it."""

    name: str
    key_id: bytes
    blob: bytes

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """From a line without its newline. Raises NoteError."""
        if not line.startswith(_DASH):
            raise NoteError("a signature line begins with an em dash and a space")
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        _check_name(name)
        content = _decoded(encoded)
        if len(content) <= 4:
            raise NoteError("a signature has a key id and something more")
        return cls(name, content[:4], content[4:])

    def line(self) -> str:
        """The line as it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {_encoded(self.key_id + self.blob)}\n"

    @property
    def time(self) -> int:
        """When a cosignature was made, in seconds since 1970; only meaningful once it was verified."""
        return int(struct.unpack(">Q", self.blob[:8])[0])


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that was checked: whose it is, and for a cosignature when it was made (seconds since 1970)."""

    key: VerifierKey
    time: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """A text (which ends in a newline) and the lines that sign it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, given: str | bytes) -> "Note":
        """Read a note in its one form. Raises NoteError."""
        note = _decode_text(given)
        if len(note.encode()) > _MOST_BYTES:
            raise NoteError("the note is too long")
        if not note.endswith("\n"):
            raise NoteError("a note ends in a newline")
        text, found, tail = note.rpartition("\n\n")
        if not found:
            raise NoteError("a note has an empty line before its signatures")
        if not text:
            raise NoteError("a note has a text")
        lines = tail[:-1].split("\n") if tail else []
        if not lines or len(lines) > _MOST_SIGNATURES:
            raise NoteError(f"a note has 1 to {_MOST_SIGNATURES} signatures")
        signatures = tuple(Signature.parse(line) for line in lines)
        if len({(each.name, each.key_id) for each in signatures}) != len(signatures):
            raise NoteError("a key signs once")
        return cls(text + "\n", signatures)

    def __str__(self) -> str:
        return self.text + "\n" + "".join(each.line() for each in self.signatures)

    def with_signature(self, signature: Signature) -> "Note":
        """The same with one more line, unless that key has one already."""
        if any((each.name, each.key_id) == (signature.name, signature.key_id) for each in self.signatures):
            return self
        return replace(self, signatures=(*self.signatures, signature))

    def verified_by(self, keys: Iterable[VerifierKey]) -> tuple[Verified, ...]:
        """Which of these keys signed this text. Lines of other keys are ignored.

        Raises NoteError where a line claims to be of one of the keys and is not: then nothing of it may be believed.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found = []
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None:
                found.append(_verify(self.text, signature, key))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its name, how many leaves it has, and their root. `extensions` are opaque lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.root) != HASH_BYTES:
            raise NoteError(f"a root has {HASH_BYTES} bytes")
        if not 0 <= self.size < 10**18:
            raise NoteError("a size is a natural number")
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line or _CONTROL.search(line):
                raise NoteError("a line of a checkpoint is neither empty nor broken")

    @classmethod
    def parse(cls, text: str | bytes) -> "Checkpoint":
        """From the text of a note. Raises NoteError."""
        lines = _decode_text(text).split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise NoteError("a checkpoint has three lines, each ending in a newline")
        origin, size, encoded, *extensions = lines
        if not _SIZE.fullmatch(size):
            raise NoteError("a checkpoint's size is a decimal number")
        return cls(origin, int(size), _decoded(encoded), tuple(extensions))

    def text(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), _encoded(self.root), *self.extensions))


def sign(text: str, signer: Signer) -> Signature:
    """Sign a note's text as a log. Raises NoteError where the key is of another kind."""
    key = _of_kind(signer, LOG)
    return Signature(key.name, key.key_id, signer.sign(text.encode()))


def cosign(text: str, signer: Signer, time: int) -> Signature:
    """Cosign a checkpoint's text at `time` (whole seconds since 1970). Raises NoteError."""
    key = _of_kind(signer, COSIGNATURE)
    Checkpoint.parse(text)
    if not 0 <= time < 2**63:
        raise NoteError("a time is in seconds since 1970")
    return Signature(key.name, key.key_id, struct.pack(">Q", time) + signer.sign(_cosigned(text, time)))


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _verify(text: str, signature: Signature, key: VerifierKey) -> Verified:
    time: int | None = None
    message, blob = text.encode(), signature.blob
    if key.kind == COSIGNATURE:
        if len(blob) != 8 + 64:
            raise NoteError(f"the cosignature of {key.name} has another length")
        time = signature.time
        if time >= 2**63:
            raise NoteError(f"the cosignature of {key.name} has no time")
        message, blob = _cosigned(text, time), blob[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(blob, message)
    except (InvalidSignature, ValueError) as error:
        raise NoteError(f"the signature of {key.name} is false") from error
    return Verified(key, time)


def _of_kind(signer: Signer, kind: int) -> VerifierKey:
    key = signer.verifier
    if key.kind != kind:
        raise NoteError(f"{key.name} is a {KINDS[key.kind]} key, where a {KINDS[kind]} key signs")
    return key


def _check_name(name: str) -> None:
    # str.isspace is Unicode's White_Space, as C2SP asks; a control character could not stand in a note.
    if not name or "+" in name or any(each.isspace() for each in name) or not name.isprintable():
        raise NoteError("a key's name has neither spaces nor plus, and is not empty")


def _decode_text(given: str | bytes) -> str:
    try:
        text = given.decode() if isinstance(given, bytes) else given
        text.encode()
    except UnicodeError:
        raise NoteError("not UTF-8") from None
    if _CONTROL.search(text):
        raise NoteError("a note has no control characters")
    return text


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise NoteError("not base64") from None
    # Several texts decode to the same bytes; one alone is how they are written.
    if _encoded(content) != text:
        raise NoteError("not canonical base64")
    return content
