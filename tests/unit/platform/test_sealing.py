"""Sealing without a database: what opens, and what does not."""

from __future__ import annotations

import hashlib
import secrets

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from miriam_platform import sealing
from miriam_platform.sealing import Unreadable

HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}


def encrypted(content: bytes, key: ECKey) -> str:
    return str(jwe.encrypt_compact(HEADER, content, key, algorithms=list(HEADER.values())))


def test_a_block_opens_with_the_services_key() -> None:
    key = ECKey.generate_key("P-256")
    assert sealing.open_jwe(encrypted(b'{"niss": "85073003328"}', key), key) == {"niss": "85073003328"}


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b'"text"', b'{"a": 1.5}', b"\xff", b'{"\xc3\xa9": 1}'])
def test_what_is_no_canonical_object_is_unreadable(content: bytes) -> None:
    key = ECKey.generate_key("P-256")
    with pytest.raises(Unreadable):
        sealing.open_jwe(encrypted(content, key), key)


def test_a_block_for_another_key_is_unreadable() -> None:
    token = encrypted(b"{}", ECKey.generate_key("P-256"))
    with pytest.raises(Unreadable):
        sealing.open_jwe(token, ECKey.generate_key("P-256"))


@pytest.mark.parametrize("token", ["", "a.b.c.d.e", "....", "é.é.é.é.é", "eyJhbGciOiJub25lIn0..a.b.c"])
def test_a_broken_token_is_unreadable_and_nothing_else(token: str) -> None:
    with pytest.raises(Unreadable):
        sealing.open_jwe(token, ECKey.generate_key("P-256"))


def test_a_token_under_another_algorithm_is_unreadable() -> None:
    """A sender must not choose a weaker way in: only ECDH-ES with A256GCM is opened."""
    key = ECKey.generate_key("P-256")
    header = {"alg": "ECDH-ES+A128KW", "enc": "A128GCM"}
    token = jwe.encrypt_compact(header, b"{}", key, algorithms=list(header.values()))
    with pytest.raises(Unreadable):
        sealing.open_jwe(token, key)


def test_a_sealed_row_opens_in_its_own_place_only() -> None:
    key = secrets.token_bytes(32)
    sealed = sealing.seal(key, b"content", "event-1")
    assert sealing.unseal(key, sealed, "event-1") == b"content"
    with pytest.raises(Unreadable):
        sealing.unseal(key, sealed, "event-2")
    with pytest.raises(Unreadable):
        sealing.unseal(key, sealed[:-1] + bytes([sealed[-1] ^ 1]), "event-1")


def test_the_digest_is_of_salt_and_block_and_differs_each_time() -> None:
    first, second = (sealing.block("event-1", "anderlecht:p-1", {"text": "the same"}) for _ in range(2))
    assert first.content == second.content == b'{"text":"the same"}'
    assert first.digest != second.digest
    assert first.digest == hashlib.sha256(first.salt + first.content).hexdigest()


def test_a_block_is_not_told_where_it_is_printed() -> None:
    assert "MARKER" not in repr(sealing.block("event-1", "anderlecht:p-1", {"text": "MARKER"}))
