"""Signing keys of the CPAS, for play only: whoever reads this can sign in their name.

A key follows from the CPAS's id and nothing else, so that every scenario and every seed registers the same one: the
CPAS of a second edition, or of another seed, are then known already, and registered as before.
"""

import base64
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_PLAY = "miriam simulator: a signing key for play only\n"
_SUFFIX = ".signing.pem"


def private_key(cpas: str) -> Ed25519PrivateKey:
    """The key with which a simulated CPAS signs its figures."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256((_PLAY + cpas).encode()).digest())


@cache
def public_half(cpas: str) -> str:
    """What the authority registers of it: base64url without padding."""
    public = private_key(cpas).public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(public).decode().rstrip("=")


def write(folder: Path, cpas: Iterable[str]) -> list[Path]:
    """Write the keys of these CPAS into a folder, as `<cpas>.signing.pem`, readable by their owner alone.

    One that is there stays as it is. Answers the files that are new.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for each in cpas:
        path = folder / f"{each}{_SUFFIX}"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(private_key(each).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        made.append(path)
    return made
