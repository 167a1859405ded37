"""Ways to spoil what carries an event: routing key, properties, headers, the sealed block. All drawn from one seed."""

from __future__ import annotations

import base64
import random
import struct
from collections.abc import Callable
from typing import Any

from pika import BasicProperties

from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES, families_of
from miriam_contracts.envelope import CONTENT_TYPE

KEYS = sorted({kind.routing_key for kind in EVENT_TYPES.values()})
OWNERS = {family: service for service in RECORDING_SERVICES for family in families_of(service)}
TYPES = (
    None, "", " ", "application/json", "application/cloudevents+json; charset=utf-8", "APPLICATION/CLOUDEVENTS+JSON",
    "application/cloudevents-batch+json", "application/octet-stream", "text/plain", "a/b/c", "\u00e9", "x" * 80,
)  # fmt: skip
ENCODINGS = ("gzip", "deflate", "br", "identity", "utf-8", "UTF-8", "latin-1", "", "x" * 80)
EXPIRATIONS = ("0", "1", "1000", "600000")


class RawTable(BasicProperties):
    """Properties whose headers are any bytes: pika itself would not write them."""

    table = b""

    def encode(self) -> list[bytes]:
        """Content type, headers, delivery mode and user id, as AMQP 0-9-1 orders them."""
        flags = self.FLAG_CONTENT_TYPE | self.FLAG_HEADERS | self.FLAG_DELIVERY_MODE | self.FLAG_USER_ID
        texts = [bytes([len(text)]) + text.encode() for text in (self.content_type, self.user_id)]
        table = struct.pack(">I", len(self.table)) + self.table
        return [struct.pack(">H", flags), texts[0], table, b"\x02", texts[1]]


def nested(depth: int) -> bytes:
    """A table of lists in lists, deeper than a reader's stack."""
    value = b"I\0\0\0\1"
    for _ in range(depth):
        value = b"A" + struct.pack(">I", len(value)) + value
    return b"\x01x" + value


# What the broker passes on as it came, and a reader stumbles over.
TABLES = {
    "lists nested 2,000 deep": nested(2000),
    "a time beyond the calendar": b"\x01xT" + b"\xff" * 8,
    "a decimal of 255 places": b"\x01xD\xff\x7f\xff\xff\xff",
    "a name that is no UTF-8": b"\x02\xff\xfeI\0\0\0\1",
    "a text that is no UTF-8": b"\x01xS\0\0\0\2\xff\xfe",
}


def properties(user: str, said: dict[str, Any]) -> BasicProperties:
    """The properties of a message: the usual ones, and what is `said` otherwise."""
    given: dict[str, Any] = {"user_id": user, "delivery_mode": 2, "content_type": CONTENT_TYPE} | said
    table = given.pop("table", None)
    if table is None:
        return BasicProperties(**given)
    made = RawTable(content_type=CONTENT_TYPE, user_id=user)
    made.table = TABLES[table]
    return made


def spoilt_key(emitter: str, key: str, chance: random.Random) -> str:
    """Another key that the broker lets this emitter write under."""
    kind = chance.random()
    if kind < 0.5:
        return f"{emitter}.{chance.choice(KEYS)}"
    if kind < 0.8:
        return f"{emitter}.{key.split('.')[1]}.{chance.choice(('x', 'held_', '_', 'a' * 60))}"
    return f"{emitter}.{chance.choice(('no_family', '_', 'cpas', 'x' * 60))}.{chance.choice(('happened', 'held', '_'))}"


def spoilt_properties(emitter: str, others: list[str], chance: random.Random) -> dict[str, Any]:
    """Something that is said of the message otherwise than usual."""

    def copies() -> dict[str, Any]:
        keys = [f"{chance.choice([emitter, *others])}.{chance.choice(KEYS)}" for _ in range(chance.randint(1, 3))]
        return {"headers": {chance.choice(("CC", "BCC")): keys}}

    ways: tuple[Callable[[], dict[str, Any]], ...] = (
        lambda: {"content_type": chance.choice(TYPES)},
        lambda: {"content_encoding": chance.choice(ENCODINGS)},
        lambda: {"expiration": chance.choice(EXPIRATIONS)},
        lambda: {"user_id": None},
        lambda: {"delivery_mode": 1, "priority": chance.randrange(256)},
        lambda: {"table": chance.choice(sorted(TABLES))},
        lambda: {"type": "x" * 255, "app_id": "\u202e", "correlation_id": "\x00", "reply_to": "r", "timestamp": 2**63},
        lambda: {"headers": {"cloudEvents:type": "miriam.session.held.v1", "x": {"y": [1, None, True, "\u00e9"]}}},
        copies,
    )
    return chance.choice(ways)()


def answers_to(key: str, said: dict[str, Any]) -> int:
    """How many receipts a message leads to: one for each inbox that it and its copies come to, else intake's."""
    headers = said.get("headers") or {}
    inboxes = set()
    for each in (key, *headers.get("CC", ()), *headers.get("BCC", ())):
        emitter, family, _ = each.split(".")
        if family in OWNERS:
            inboxes.add((OWNERS[family], emitter))
    return max(len(inboxes), 1)


def spoilt_token(token: str, chance: random.Random) -> Any:
    """A JWE that is none, or not for the one who gets it."""
    parts = token.split(".")
    at = chance.randrange(len(token))
    headers = (
        b'{"alg":"none","enc":"A256GCM"}', b'{"alg":"dir","enc":"A256GCM"}', b"{}", b"[]", b"\xff",
        b'{"alg":"ECDH-ES","enc":"A256GCM","zip":"DEF"}', b'{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC"}}',
        b'{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2147483647,"p2s":"AA"}',
        b'{"alg":"ECDH-ES","enc":"A256GCM","crit":["x"],"epk":{"crv":"P-256","kty":"EC","x":"AA","y":"AA"}}',
    )  # fmt: skip
    ways: tuple[Callable[[], Any], ...] = (
        lambda: token[:at] + chance.choice("AZaz09-_.=\u00e9") + token[at + 1 :],
        lambda: token[:at],
        lambda: ".".join(parts[:4]),
        lambda: ".".join([*parts, "x"]),
        lambda: ".".join([base64.urlsafe_b64encode(chance.choice(headers)).decode().rstrip("="), *parts[1:]]),
        lambda: ".".join(chance.sample(parts, len(parts))),
        lambda: "....",
        lambda: {"protected": parts[0], "ciphertext": parts[3]},
        lambda: {"text": "open"},
    )
    return chance.choice(ways)()
