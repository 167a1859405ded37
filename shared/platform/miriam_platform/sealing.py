"""Personal blocks: opened as they come in, sealed as they are kept, and named in the event by a digest alone.

In comes a JWE (ECDH-ES, A256GCM) to this service's public key, so that the broker never sees it. Kept is the block
under AES-256-GCM with a random key of its participation, itself wrapped by the master key: destroy that one small
row, and every block of the woman is noise. The digest in the event is SHA-256 over 16 secret random bytes and the
block, so that nobody can guess a block from it; the 16 bytes lie inside the ciphertext and go with it.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import NotCanonical, canonical, check
from miriam_platform.rows import insert_rows

_ALGORITHMS = ["ECDH-ES", "A256GCM"]
_NONCE = 12
_SALT = 16


class Unreadable(Exception):
    """Something sealed that this service cannot open: another's key, a broken text, or a destroyed key."""


@dataclass(frozen=True, slots=True)
class Block:
    """A personal block in the clear, on its way from the door into the table: `salt` makes its digest secret."""

    event_id: str
    participation: str
    salt: bytes
    content: bytes

    @property
    def digest(self) -> str:
        """The event's `personaldigest`, hexadecimal."""
        return hashlib.sha256(self.salt + self.content).hexdigest()

    def __repr__(self) -> str:
        return f"Block(event_id={self.event_id!r})"


def open_jwe(token: str, key: ECKey) -> dict[str, Any]:
    """The object inside a JWE in compact form. Raises Unreadable: not for us, broken, or no canonical JSON object."""
    try:
        content = jwe.decrypt_compact(token, key, algorithms=_ALGORITHMS).plaintext
        value = orjson.loads(content or b"")
        check(value)
    # joserfc lets errors of base64 and of cryptography through, as ValueError and its kin.
    except (JoseError, ValueError, TypeError, KeyError, InvalidTag, NotCanonical, RecursionError):
        raise Unreadable("a personal block") from None
    if not isinstance(value, dict):
        raise Unreadable("a personal block")
    return value


def block(event_id: str, participation: str, personal: Mapping[str, Any]) -> Block:
    """A block for the event of this id, with a fresh salt."""
    return Block(event_id, participation, secrets.token_bytes(_SALT), canonical(personal))


def seal(key: bytes, plain: bytes, bound_to: str) -> bytes:
    """Nonce and AES-256-GCM ciphertext; opens only with the same `bound_to`, so rows cannot be exchanged unnoticed."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    """What `seal` sealed. Raises Unreadable."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise Unreadable(bound_to) from None


def participation_keys(connection: Connection, master: bytes, participations: Iterable[str]) -> dict[str, bytes]:
    """The keys of participations, made where there was none. One whose key was destroyed is not in the answer.

    The rows stay locked against destruction until the transaction ends: a block is never written under a key that is
    gone.
    """
    names = sorted(set(participations))
    fresh = [seal(master, secrets.token_bytes(32), name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute("select participation, wrapped from sealed.keys_of(%s::text[], %s::bytea[])", (names, fresh))
        return {name: unseal(master, bytes(wrapped), name) for name, wrapped in cursor.fetchall()}


def keep(connection: Connection, keys: Mapping[str, bytes], blocks: Sequence[Block]) -> None:
    """Store blocks sealed under the keys of their participations."""
    rows = [(b.event_id, b.participation, seal(keys[b.participation], b.salt + b.content, b.event_id)) for b in blocks]
    insert_rows(connection, "sealed.block", ("event_id", "participation", "ciphertext"), rows)


def read(connection: Connection, master: bytes, event_id: str) -> tuple[str, dict[str, Any]] | None:
    """Digest and content of the block that came with an event; None where there is none (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select participation, wrapped, ciphertext from sealed.block join sealed.key using (participation)"
            " where event_id = %s and wrapped is not null",
            (event_id,),
        )
        row = cursor.fetchone()
    if row is None:
        return None
    participation, wrapped, ciphertext = row
    key = unseal(master, bytes(wrapped), participation)
    plain = unseal(key, bytes(ciphertext), event_id)
    content: dict[str, Any] = orjson.loads(plain[_SALT:])
    return hashlib.sha256(plain).hexdigest(), content


def destroy(connection: Connection, participation: str) -> int:
    """Destroy key and blocks of a participation for good; the number of blocks that went with it."""
    with connection.cursor() as cursor:
        cursor.execute("select sealed.destroy(%s)", (participation,))
        [(answer,)] = cursor.fetchall()
        return int(answer)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What became of one participation. `held`: there was a key or a block here; `blocks`: how many went with it."""

    participation: str
    held: bool
    blocks: int


def destroy_all(connection: Connection, participations: Iterable[str]) -> list[Destroyed]:
    """Destroy keys and blocks of participations for good, and see to it that none is kept that comes later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select participation, held, blocks from sealed.destroy_all(%s::text[])", (sorted(set(participations)),)
        )
        return [Destroyed(*row) for row in cursor.fetchall()]
