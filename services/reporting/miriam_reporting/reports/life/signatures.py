"""What a CPAS signs, and how a signature is checked: Ed25519 over a message that says what it is of."""

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_HEADING = "miriam report signature v1"


class BadKey(ValueError):
    """A file holds no Ed25519 private key. The message names the file, never what it holds."""


def message(edition: str, cpas: str, digest: str) -> bytes:
    """The bytes that a CPAS signs. The heading keeps the signature from meaning anything elsewhere.

    Neither position nor report is in it: while the figures stay the same, so does the signature.
    """
    return f"{_HEADING}\n{edition}\n{cpas}\n{digest}\n".encode()


def sign(key: Ed25519PrivateKey, edition: str, cpas: str, digest: str) -> str:
    """The signature, base64url without padding."""
    return _encoded(key.sign(message(edition, cpas, digest)))


def verifies(public: str, signature: str, edition: str, cpas: str, digest: str) -> bool:
    """Whether `signature` is by the private half of `public` (both base64url without padding)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(public))
        key.verify(_decoded(signature), message(edition, cpas, digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_half(key: Ed25519PrivateKey) -> str:
    """The public half as `cpas.registered.signing_key` has it: base64url without padding."""
    return _encoded(key.public_key().public_bytes_raw())


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a PEM file (PKCS 8); lines before it are skipped. Raises BadKey."""
    try:
        content = path.read_bytes()
        begin = content.find(b"-----BEGIN ")
        key = load_pem_private_key(content[begin:] if begin > 0 else content, None)
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise BadKey(f"{path}: no private key in PEM, without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: no Ed25519 key")
    return key


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    # Several texts decode to the same bytes; one alone is how they are written.
    if _encoded(content) != text:
        raise ValueError("no canonical base64url")
    return content
