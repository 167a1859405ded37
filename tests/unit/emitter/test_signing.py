"""A CPAS signs what it was shown and computed itself, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from miriam_contracts.canonical import canonical
from miriam_emitter.signing import keys
from miriam_emitter.signing.asked import Asked, NotWhatItSays

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = keys.public_half(KEY)
SALT = bytes(range(32))
FIGURES = [{"code": "I01", "by": {"cpas": "alpha"}, "numerator": 3, "denominator": 4, "value": 3, "unit": "women"}]


def answer(**changes: Any) -> dict[str, Any]:
    """What reporting answers, with changes."""
    told = {
        "report": "2023-r1",
        "edition": "2023",
        "cpas": "alpha",
        "position": 12,
        "digest": hashlib.sha256(SALT + canonical(FIGURES)).hexdigest(),
        "key": PUBLIC,
        "salt": base64.b64encode(SALT).decode(),
        "figures": FIGURES,
    }
    return {"report": "2023-r1", "asked": {**told, **changes}}


def test_what_is_asked_is_read_and_its_message_is_over_the_digest_of_the_figures() -> None:
    asked = Asked.read(answer(), "2023-r1", "alpha")
    assert asked.message == f"miriam report signature v1\n2023\nalpha\n{asked.digest}\n".encode()
    assert Asked.read(answer(key=None), "2023-r1", "alpha").key is None


@pytest.mark.parametrize(
    "changes",
    [
        {"figures": [{**FIGURES[0], "numerator": 4}]},
        {"figures": FIGURES * 2},
        {"figures": []},
        {"figures": [{**FIGURES[0], "value": 0.5}]},
        {"figures": [{"by": {}}]},
        {"figures": "I01"},
        {"salt": base64.b64encode(bytes(32)).decode()},
        {"salt": "no base64"},
        {"salt": base64.b64encode(SALT[:16]).decode()},
        {"digest": "ab" * 32},
        {"cpas": "beta"},
        {"report": "2023-r2"},
        {"edition": "2023\nbeta"},
        {"edition": 2023},
    ],
    ids=str,
)
def test_what_is_not_what_it_says_is_not_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(NotWhatItSays):
        Asked.read(answer(**changes), "2023-r1", "alpha")


@pytest.mark.parametrize("told", [None, [], {}, {"asked": None}, {"asked": {}}, "asked"], ids=str)
def test_an_answer_that_is_no_report_is_not_signed(told: Any) -> None:
    with pytest.raises(NotWhatItSays):
        Asked.read(told, "2023-r1", "alpha")


def test_a_key_is_read_from_pem_also_below_a_line_that_names_it(tmp_path: Path) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, content in (("plain", pem), ("named", b"# somebody\n" + pem)):
        (tmp_path / name).write_bytes(content)
        assert keys.public_half(keys.read_key(tmp_path / name)) == PUBLIC


def test_what_is_no_ed25519_key_is_told_without_its_content(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, content in (("other", other), ("nothing", b"secret words")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(keys.BadKey) as caught:
            keys.read_key(tmp_path / name)
        assert name in str(caught.value)
        assert "secret" not in str(caught.value)
    with pytest.raises(keys.BadKey):
        keys.read_key(tmp_path / "missing")
