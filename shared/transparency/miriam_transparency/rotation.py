"""Making a key and putting a new one in its place: the old one is kept beside it, and its public half stays published.

Beside the private file `log.pem` lie `log.vkeys`, the public halves with the newest first, and for each key that was
replaced `log.<key id>.pem`. A crash in between leaves the old key in its place.
"""

import os
from pathlib import Path

from miriam_transparency.keys import KeyFileError, SigningKey, read_private, read_public, write_private, write_public
from miriam_transparency.notes import VerifierKey


def published_beside(path: Path) -> Path:
    """Where the public halves of the key at `path` are."""
    return path.with_suffix(".vkeys")


def published(path: Path) -> tuple[VerifierKey, ...]:
    """The public halves of the key at `path` and of those before it, newest first. Raises KeyFileError."""
    return read_public(published_beside(path))


def replaced(path: Path, key: VerifierKey) -> Path:
    """Where the private half of a key lies that another took the place of."""
    return path.with_name(f"{path.stem}.{key.key_id.hex()}{path.suffix}")


def make(path: Path, name: str, kind: int) -> SigningKey:
    """Make a key, its private file at `path` and the public one beside it.

    Raises KeyFileError where there is a key already, NoteError where the name cannot be one.
    """
    key = SigningKey.make(name, kind)
    write_private(key, path)
    _publish(path, key.verifier)
    return key


def make_missing(path: Path, name: str, kind: int) -> SigningKey:
    """The key at `path`, made where there never was one; its public half is published again where that was lost.

    Raises KeyFileError, also where a key was published and its private half is gone: that another takes its place
    is for a person to decide (`miriam audit keygen`).
    """
    if not path.exists():
        if published_beside(path).exists():
            raise KeyFileError(f"{path} is gone, and {published_beside(path).name} tells that there was a key")
        return make(path, name, kind)
    key = read_private(path)
    if not published_beside(path).exists():
        _publish(path, key.verifier)
    return key


def rotate(path: Path) -> tuple[SigningKey, SigningKey]:
    """Put a new key of the same name and kind in the place of that at `path`; answer the new one and the old one.

    Raises KeyFileError where there is none to replace.
    """
    old = read_private(path)
    new = SigningKey.make(old.verifier.name, old.verifier.kind)
    kept, coming = replaced(path, old.verifier), path.with_name(f".{path.name}.new")
    coming.unlink(missing_ok=True)
    write_private(new, coming)
    if not kept.exists():
        os.link(path, kept)
    _publish(path, old.verifier)
    _publish(path, new.verifier)
    coming.replace(path)
    return new, old


def still_held(path: Path, key: VerifierKey) -> SigningKey | None:
    """A key that another took the place of, as long as its private half is there. Raises KeyFileError."""
    kept = replaced(path, key)
    return read_private(kept) if kept.exists() else None


def _publish(path: Path, key: VerifierKey) -> None:
    beside = published_beside(path)
    known = read_public(beside) if beside.exists() else ()
    if key in known:
        return
    if any((each.name, each.key_id) == (key.name, key.key_id) for each in known):
        raise KeyFileError(f"{beside}: another key has the same name and id; make a new one")
    write_public((key, *known), beside, "Public halves, newest first.")
