"""How the same emission is known again: keyed hashes, so that the stored value tells nothing of its content."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from miriam_contracts.canonical import canonical
from miriam_contracts.envelope import TRACE_ATTRIBUTES
from miriam_platform.deliveries import Delivery

_TRACE = frozenset(TRACE_ATTRIBUTES)


def of_emission(key: bytes, attributes: Mapping[str, Any], personal: Mapping[str, Any] | None) -> bytes:
    """HMAC-SHA256 (32 bytes) of an emission: its canonical form without what only carries it, personal block opened.

    A JWE differs each time it is made, and a sender may trace a second try anew: neither makes another fact.
    """
    stated = {name: value for name, value in attributes.items() if name not in _TRACE and name != "datacontenttype"}
    if personal is not None:
        data = stated["data"]
        if "replacement" in data:
            stated["data"] = {**data, "replacement": {**data["replacement"], "personal": personal}}
        else:
            stated["data"] = {**data, "personal": personal}
    return hmac.digest(key, canonical(stated), hashlib.sha256)


def of_message(key: bytes, delivery: Delivery) -> bytes:
    """HMAC-SHA256 (32 bytes) of a message as it came: by it, a second sending or delivery is known again."""
    sender = f"{delivery.user_id or ''}\n{delivery.routing_key}\n"
    return hmac.digest(key, sender.encode() + delivery.body, hashlib.sha256)
