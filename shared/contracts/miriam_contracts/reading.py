"""The token with which an emitter reads what stands under its own name, made and checked by the same formula."""

import base64
import hashlib
import hmac


def reading_token(service_token: str, emitter: str) -> str:
    """The reading token of the emitter with this id: base64url without padding of an HMAC-SHA256 under the services'
    token. Whoever holds it learns nothing of the services' token, nor of another emitter's.
    """
    digest = hmac.digest(service_token.encode(), f"reading:{emitter}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
