"""Receipts as they come in: one JSON object, or an array of them; each signed by the service that answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_emitter.keys import PublicKeys

OUTCOMES = ("recorded", "duplicate", "refused", "parked")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a service answers to one event. `body` is the canonical JSON of the whole receipt, signature included."""

    id: str
    outcome: str
    service: str
    body: bytes

    @classmethod
    def kept(cls, id_: str, outcome: str, body: bytes) -> Receipt:
        """A receipt out of a spool, which kept it after its signature was verified."""
        return cls(id_, outcome, str(orjson.loads(body)["service"]), body)

    @property
    def content(self) -> dict[str, Any]:
        """The receipt as an object: `events` with id, sequence and leaf; `problems` with field, rule and title."""
        content: dict[str, Any] = orjson.loads(self.body)
        return content


class Unverified(Exception):
    """A receipt that cannot be trusted; the text says why, without a value of it."""


def split(message: bytes) -> Iterator[dict[str, Any]]:
    """The receipts in one message.

    Raises:
        Unverified: the message is no JSON of receipts.
    """
    try:
        content = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise Unverified("a message that is not JSON") from None
    for each in content if isinstance(content, list) else [content]:
        if not isinstance(each, dict):
            raise Unverified("a message without receipts")
        yield each


def verify(content: dict[str, Any], source: str, keys: PublicKeys) -> Receipt:
    """The receipt, once its signature is found good and `source` is whom it answers.

    Raises:
        Unverified: it is malformed, meant for another, or its signature is not the service's.
        NotConfigured: the service's public key is missing.
    """
    service, outcome, id_ = content.get("service"), content.get("receipt"), content.get("id")
    if service not in RECORDING_SERVICES or outcome not in OUTCOMES or not isinstance(id_, str):
        raise Unverified("a receipt without service, outcome or id")
    if content.get("emitter") != source:
        raise Unverified("a receipt for another emitter")
    key = keys.receipt(service, str(content.get("key")))
    if key is None:
        raise Unverified(f"a receipt under a key of {service} that is not in the folder of keys")
    try:
        signature = base64.b64decode(content["signature"], validate=True)
        signed = canonical({name: value for name, value in content.items() if name != "signature"})
        key.verify(signature, signed)
    except (KeyError, TypeError, binascii.Error, InvalidSignature):
        raise Unverified(f"a receipt that {service} did not sign") from None
    return Receipt(id_, outcome, service, canonical(content))
