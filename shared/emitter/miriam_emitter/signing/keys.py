"""The CPAS's signing key, and what it signs. The format is that of reporting's `reports/life/README.md`.

Written apart from reporting's code: a CPAS believes what it computes itself.
"""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from miriam_emitter.errors import NotConfigured

_HEADING = "miriam report signature v1"


class BadKey(NotConfigured):
    """A file holds no Ed25519 private key. The message names the file, never what it holds."""


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file (PKCS 8, without password); lines before it are skipped. Raises BadKey."""
    try:
        content = path.read_bytes()
        key = load_pem_private_key(content[max(content.find(b"-----BEGIN "), 0) :], None)
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}", "name the file with --key") from error
    except (ValueError, TypeError) as error:
        raise BadKey(f"{path}: no private key in PEM, without a password", "name another file with --key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: no Ed25519 key", "name another file with --key")
    return key


def public_half(key: Ed25519PrivateKey) -> str:
    """The public half as the authority registers it: base64url without padding."""
    return _encoded(key.public_key().public_bytes_raw())


def message(edition: str, cpas: str, digest: str) -> bytes:
    """The bytes that a CPAS signs; the heading keeps the signature from meaning anything elsewhere."""
    return f"{_HEADING}\n{edition}\n{cpas}\n{digest}\n".encode()


def sign(key: Ed25519PrivateKey, edition: str, cpas: str, digest: str) -> str:
    """The signature, base64url without padding."""
    return _encoded(key.sign(message(edition, cpas, digest)))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
