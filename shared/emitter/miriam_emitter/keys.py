"""The services' public keys, as files: one to seal personal blocks to, one to verify receipts with."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from miriam_emitter.errors import NotConfigured

_NEXT = "ask the operator for the file"
SealingKey = ECKey | OKPKey


class PublicKeys:
    """The public keys in one folder, read when they are first needed.

    A file holds one JWK (RFC 7517) or a set, so that a service may have its next key known before it uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sealing: dict[str, SealingKey] = {}
        self._receipts: dict[str, dict[str, Ed25519PublicKey]] = {}

    def sealing(self, service: str) -> SealingKey:
        """The key to seal a block to; the first one of a set.

        Raises:
            NotConfigured: the file is missing or holds no such key.
        """
        key = self._sealing.get(service)
        if key is None:
            path = self._folder / f"{service}.personal.pub.json"
            jwk = _read(path)[0]
            try:
                key = OKPKey.import_key(jwk) if jwk.get("kty") == "OKP" else ECKey.import_key(jwk)
            except (JoseError, ValueError, KeyError, TypeError):
                raise NotConfigured(f"{path} holds no key of ECDH-ES", _NEXT) from None
            self._sealing[service] = key
        return key

    def receipt(self, service: str, key: str) -> Ed25519PublicKey | None:
        """The key `key` with which `service` signs receipts; None where its file does not have it.

        The file is read again before the answer is None: the service may have begun a new key since.

        Raises:
            NotConfigured: the file is missing or holds no such key.
        """
        found = self._receipts.get(service, {}).get(key)
        if found is None:
            self._receipts[service] = self._read_receipt_keys(service)
            found = self._receipts[service].get(key)
        return found

    def _read_receipt_keys(self, service: str) -> dict[str, Ed25519PublicKey]:
        path = self._folder / f"{service}.receipt.pub.json"
        found = {}
        for jwk in _read(path):
            try:
                if (jwk["kty"], jwk["crv"]) != ("OKP", "Ed25519"):
                    raise ValueError
                found[str(jwk["kid"])] = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "=="))
            except (ValueError, KeyError, TypeError):
                raise NotConfigured(f"{path} holds no Ed25519 key with a kid", _NEXT) from None
        return found


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text("utf-8"))
        keys = content.get("keys", [content])
        if keys and all(isinstance(key, dict) for key in keys):
            return list(keys)
    except FileNotFoundError:
        raise NotConfigured(f"the public key {path} is missing", _NEXT) from None
    except (OSError, ValueError, AttributeError):
        pass
    raise NotConfigured(f"{path} is no JWK", _NEXT)
