"""Personal blocks are sealed before they enter the spool: neither the spool nor the broker ever holds them open."""

from __future__ import annotations

from typing import Any

from joserfc import jwe

from miriam_contracts.canonical import canonical
from miriam_emitter.errors import EventRejected
from miriam_emitter.keys import PublicKeys

_REGISTRY = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"])
_DOTS_OF_A_JWE = 4


def sealed(data: dict[str, Any], service: str, keys: PublicKeys) -> dict[str, Any]:
    """The payload with its personal block, or its replacement's, as a JWE to `service`; unchanged where it has none.

    A block that is a JWE already stays. `service` is empty where no service owns the type.

    Raises:
        EventRejected: the block is neither an object nor a JWE, or there is nobody to seal it to.
        NotConfigured: the service's key is missing.
    """
    if "personal" in data:
        data = {**data, "personal": _seal(data["personal"], service, keys)}
    replacement = data.get("replacement")
    if isinstance(replacement, dict) and "personal" in replacement:
        data = {**data, "replacement": {**replacement, "personal": _seal(replacement["personal"], service, keys)}}
    return data


def _seal(block: Any, service: str, keys: PublicKeys) -> str:
    if isinstance(block, str) and block.count(".") == _DOTS_OF_A_JWE and " " not in block:
        return block
    if not isinstance(block, dict):
        raise EventRejected("`personal` is neither an object nor a sealed block", "give it as an object")
    if not service:
        raise EventRejected("a personal block in an event that no service owns", "correct the event's `type`")
    key = keys.sealing(service)
    header = {"alg": "ECDH-ES", "enc": "A256GCM"}
    if key.kid:
        header["kid"] = key.kid
    return jwe.encrypt_compact(header, canonical(block), key, registry=_REGISTRY)
