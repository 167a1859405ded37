"""What a CPAS signs, and how a signature is checked: Ed25519 over a message that says what it is of."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_HEADING = "miriam report signature v1"


def message(edition: str, cpas: str, digest: str) -> bytes:
    """The bytes that a CPAS signs. The heading keeps the signature from meaning anything elsewhere.

    Neither position nor report is in it: while the figures stay the same, so does the signature.
    """
    return f"{_HEADING}\n{edition}\n{cpas}\n{digest}\n".encode()


def verifies(public: str, signature: str, edition: str, cpas: str, digest: str) -> bool:
    """Whether `signature` is by the private half of `public` (both base64url without padding)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(public))
        key.verify(_decoded(signature), message(edition, cpas, digest))
    except (InvalidSignature, ValueError):
        return False
    return True


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
