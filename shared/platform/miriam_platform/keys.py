"""The key files of a recording service: made once, readable by their owner alone, loaded whole at the start.

    master.key         32 bytes; wraps the key of each participation
    door.key           32 bytes; seals what was refused or parked
    fingerprint.key    32 bytes; HMAC by which the same emission is known again
    receipt.pem        Ed25519 private key; signs receipts. Its public half: receipt.pub.json (JWK)
    personal.json      P-256 private JWK; opens the personal blocks. Its public half: personal.pub.json

P-256 rather than X25519 for the personal blocks: the JOSE libraries of Java and .NET all know it. A service may ask for
further 32-byte files (intake: person.key).
"""

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from joserfc.jwk import ECKey, OKPKey
from joserfc.util import urlsafe_b64encode

SYMMETRIC = ("master", "door", "fingerprint")
_BYTES = 32


class KeyProblem(Exception):
    """A key file is missing, unreadable for us, or readable for others. The message names the file."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one service, in memory. `receipt_id` and `personal_id` are RFC 7638 thumbprints."""

    master: bytes
    door: bytes
    fingerprint: bytes
    receipt: Ed25519PrivateKey
    receipt_id: str
    receipt_public: Mapping[str, Any]
    personal: ECKey
    personal_public: Mapping[str, Any]
    extra: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"Keys(receipt_id={self.receipt_id!r})"


def make(folder: Path, extra: Iterable[str] = ()) -> list[str]:
    """Make the key files that are not there; answer their names. A file that exists is never touched."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [
        f"{name}.key" for name in (*SYMMETRIC, *extra) if _create(folder / f"{name}.key", secrets.token_bytes(_BYTES))
    ]
    receipt = Ed25519PrivateKey.generate()
    pem = receipt.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if _create(folder / "receipt.pem", pem):
        made.append("receipt.pem")
    personal = ECKey.generate_key("P-256").as_dict(private=True)
    if _create(folder / "personal.json", _json(personal)):
        made.append("personal.json")
    keys = load(folder, extra)
    # The public halves are derived: written again each time, so that they cannot differ from the private ones.
    for name, public in (("receipt.pub.json", keys.receipt_public), ("personal.pub.json", keys.personal_public)):
        _replace(folder / name, _json(public))
    return made


def load(folder: Path, extra: Iterable[str] = ()) -> Keys:
    """The keys in a folder. Raises KeyProblem, naming the file, also where others than the owner may read one."""
    symmetric = {name: _read(folder / f"{name}.key") for name in (*SYMMETRIC, *extra)}
    for name, key in symmetric.items():
        if len(key) != _BYTES:
            raise KeyProblem(f"{folder / name}.key: must hold {_BYTES} bytes")
    try:
        receipt = load_pem_private_key(_read(folder / "receipt.pem"), password=None)
    except ValueError:
        raise KeyProblem(f"{folder / 'receipt.pem'}: not a PEM private key") from None
    if not isinstance(receipt, Ed25519PrivateKey):
        raise KeyProblem(f"{folder / 'receipt.pem'}: must hold an Ed25519 key")
    try:
        personal = ECKey.import_key(json.loads(_read(folder / "personal.json")))
    except ValueError:
        raise KeyProblem(f"{folder / 'personal.json'}: not a P-256 key in JWK form") from None
    okp = OKPKey.import_key(_ed25519_jwk(receipt))
    return Keys(
        master=symmetric["master"],
        door=symmetric["door"],
        fingerprint=symmetric["fingerprint"],
        receipt=receipt,
        receipt_id=okp.thumbprint(),
        receipt_public={**okp.as_dict(private=False), "kid": okp.thumbprint(), "use": "sig", "alg": "EdDSA"},
        personal=personal,
        personal_public={
            **personal.as_dict(private=False),
            "kid": personal.thumbprint(),
            "use": "enc",
            "alg": "ECDH-ES",
        },
        extra={name: symmetric[name] for name in extra},
    )


def _ed25519_jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(key.public_key().public_bytes_raw()).decode()}


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, indent=2).encode() + b"\n"


def _create(path: Path, content: bytes) -> bool:
    """Write a new file, whole or not at all; false where it exists."""
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _replace(path: Path, content: bytes) -> None:
    _draft(path, content).replace(path)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with contextlib.closing(os.fdopen(descriptor, "wb")) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyProblem(f"{path}: others than its owner may read it; make its mode 0600")
        return path.read_bytes()
    except OSError as error:
        raise KeyProblem(f"{path}: {error.strerror}; the command `keys` makes the files that are not there") from None
