"""Key files: made once and never written over, private (0600), each saying in its first line whose it is.

A private file is one line `# <verifier key>` and a PEM (PKCS 8). A file of public halves (`log.vkeys`,
`witnesses.vkeys`, `AUTHORITY.pub`) has one verifier key a line; empty lines and those that begin with `#` say nothing.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from miriam_transparency.notes import NoteError, VerifierKey

_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class KeyFileError(Exception):
    """A key file is missing, exists already, or is not what it should be. The message names file and reason."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key and whose it is."""

    verifier: VerifierKey
    private: Ed25519PrivateKey

    @classmethod
    def make(cls, name: str, kind: int) -> "SigningKey":
        """A new key. Raises NoteError where the name cannot be one."""
        private = Ed25519PrivateKey.generate()
        return cls(VerifierKey(name, kind, private.public_key().public_bytes(*_RAW)), private)

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519."""
        return self.private.sign(message)

    def text(self) -> str:
        """What a private file holds."""
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return f"# {self.verifier.text()}\n{pem.decode()}"


def write_private(key: SigningKey, path: Path) -> None:
    """Write a private file, readable by its owner alone. Raises KeyFileError where there is one already.

    It appears whole: a crash leaves no half of a key in its place.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(beside, key.text(), 0o600)
        try:
            # Unlike a rename, a link does not replace what is there.
            path.hardlink_to(beside)
        finally:
            beside.unlink()
    except FileExistsError:
        raise KeyFileError(f"{path} exists already: a key is never written over") from None
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error
    _sync(path.parent)


def read_private(path: Path) -> SigningKey:
    """Read a private file. Raises KeyFileError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path}: {getattr(error, 'strerror', None) or 'not readable'}") from error
    first, _, pem = text.partition("\n")
    try:
        verifier = VerifierKey.parse(first.removeprefix("# "))
        private = serialization.load_pem_private_key(pem.encode(), None)
    except NoteError as error:
        raise KeyFileError(f"{path}: the first line names no key: {error}") from error
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"{path}: no private key in PEM") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: no Ed25519 key")
    if private.public_key().public_bytes(*_RAW) != verifier.public:
        raise KeyFileError(f"{path}: the first line names another key")
    return SigningKey(verifier, private)


def read_public(path: Path) -> tuple[VerifierKey, ...]:
    """The verifier keys of a file, in its order. Raises KeyFileError, also where there is none in it."""
    try:
        return parse_public(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path}: {getattr(error, 'strerror', None) or 'not readable'}") from error
    except NoteError as error:
        raise KeyFileError(f"{path}: {error}") from error


def parse_public(text: str) -> tuple[VerifierKey, ...]:
    """The verifier keys in a text. Raises NoteError, also where there is none in it."""
    lines = (line.strip() for line in text.splitlines())
    keys = tuple(VerifierKey.parse(line) for line in lines if line and not line.startswith("#"))
    if not keys:
        raise NoteError("no key")
    return keys


def write_public(keys: Iterable[VerifierKey], path: Path, heading: str = "") -> None:
    """Replace a file of public halves at once, so that no reader sees half of it."""
    text = "".join(f"# {line}\n" for line in heading.splitlines())
    replace_file(path, text + "".join(f"{key.text()}\n" for key in keys), 0o644)


def replace_file(path: Path, text: str, mode: int) -> None:
    """Write beside, sync, rename, sync the folder: after a crash the file is the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    _write(beside, text, mode)
    beside.replace(path)
    _sync(path.parent)


def _write(path: Path, text: str, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        # What an earlier crash left may have another mode.
        os.fchmod(handle, mode)
        file.write(text)
        file.flush()
        os.fsync(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
