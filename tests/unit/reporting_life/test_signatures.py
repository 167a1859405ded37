"""What a CPAS signs means one thing only, and one text alone is its signature."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from miriam_emitter.signing import keys as signing
from miriam_reporting.reports.life import digests, signatures

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = signing.public_half(KEY)
DIGEST = "ab" * 32
SIGNATURE = signing.sign(KEY, "2023", "alpha", DIGEST)


def test_the_message_is_as_it_is_written_down() -> None:
    assert (
        signatures.message("2023", "alpha", DIGEST) == f"miriam report signature v1\n2023\nalpha\n{DIGEST}\n".encode()
    )


def test_a_signature_verifies_for_what_it_was_made_of_and_nothing_else() -> None:
    assert signatures.verifies(PUBLIC, SIGNATURE, "2023", "alpha", DIGEST)
    other = signing.public_half(Ed25519PrivateKey.generate())
    for changed in (
        (other, SIGNATURE, "2023", "alpha", DIGEST),
        (PUBLIC, SIGNATURE, "2024", "alpha", DIGEST),
        (PUBLIC, SIGNATURE, "2023", "beta", DIGEST),
        (PUBLIC, SIGNATURE, "2023", "alpha", "cd" * 32),
        (PUBLIC, SIGNATURE[:-1] + ("A" if SIGNATURE[-1] != "A" else "Q"), "2023", "alpha", DIGEST),
    ):
        assert not signatures.verifies(*changed)


def test_one_bit_of_a_signature_changed_is_no_signature() -> None:
    raw = base64.urlsafe_b64decode(SIGNATURE + "==")
    for place in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << (place % 8)
        text = base64.urlsafe_b64encode(bytes(flipped)).decode().rstrip("=")
        assert not signatures.verifies(PUBLIC, text, "2023", "alpha", DIGEST)


@pytest.mark.parametrize("text", ["", "?", SIGNATURE + "=", SIGNATURE + "A", SIGNATURE.replace(SIGNATURE[0], " ", 1)])
def test_what_is_no_base64url_of_64_bytes_is_no_signature(text: str) -> None:
    assert not signatures.verifies(PUBLIC, text, "2023", "alpha", DIGEST)


def test_a_digest_depends_on_salt_and_every_figure_and_their_order() -> None:
    figures: list[dict[str, Any]] = [
        {"code": "I01", "by": {"cpas": "alpha"}, "value": 1},
        {"code": "I02", "by": {}, "value": None},
    ]
    salt = bytes(32)
    first = digests.digest(salt, digests.figures_text(figures))
    assert digests.digest(salt, digests.figures_text([dict(reversed(each.items())) for each in figures])) == first
    assert digests.digest(bytes(31) + b"\1", digests.figures_text(figures)) != first
    assert digests.digest(salt, digests.figures_text(figures[::-1])) != first
    with pytest.raises(ValueError, match="32 bytes"):
        digests.digest(b"short", "")


def test_the_figures_of_a_cpas_are_those_of_its_level_and_of_its_projects() -> None:
    figures: list[dict[str, Any]] = [
        {"by": by}
        for by in ({}, {"region": "brussels"}, {"cpas": "alpha"}, {"cpas": "beta"}, {"project": "spp:p1"},
                   {"project": "spp:p2"}, {"cpas": "alpha", "domain": "housing"})
    ]  # fmt: skip
    own = digests.own(figures, "alpha", ["spp:p1"])
    assert [each["by"] for each in own] == [
        {"cpas": "alpha"}, {"project": "spp:p1"}, {"cpas": "alpha", "domain": "housing"},
    ]  # fmt: skip
