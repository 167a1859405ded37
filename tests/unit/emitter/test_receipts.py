"""A receipt counts when the service signed it, for us."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from miriam_contracts.canonical import canonical
from miriam_emitter import NotConfigured
from miriam_emitter.keys import PublicKeys
from miriam_emitter.receipts import Unverified, split, verify

Answer = Callable[..., dict[str, Any]]
US = "/cpas/anderlecht"


def test_a_signed_receipt_is_believed_and_kept_whole(answer: Answer, keys_dir: Path) -> None:
    content = answer("e-1", "refused", problems=[{"code": "required", "field": "data/children"}])
    receipt = verify(content, US, PublicKeys(keys_dir))
    assert (receipt.id, receipt.outcome, receipt.service) == ("e-1", "refused", "intake")
    assert receipt.content == content


@pytest.mark.parametrize(
    "change",
    [
        {"id": "e-2"},
        {"receipt": "refused"},
        {"events": [{"sequence": 7}]},
        {"service": "sessions", "key": "sessions-1"},
        {"emitter": "/cpas/seraing"},
        {"receipt": "lost"},
        {"service": "reporting"},
        {"key": "another"},
        {"signature": "not base64"},
        {"signature": None},
        {"id": None},
    ],
)
def test_a_receipt_that_was_touched_is_not_believed(answer: Answer, keys_dir: Path, change: dict[str, Any]) -> None:
    with pytest.raises(Unverified):
        verify({**answer("e-1"), **change}, US, PublicKeys(keys_dir))


def test_a_receipt_for_another_emitter_is_not_ours(answer: Answer, keys_dir: Path) -> None:
    with pytest.raises(Unverified, match="another emitter"):
        verify(answer("e-1", emitter="/cpas/seraing"), US, PublicKeys(keys_dir))


def test_a_message_holds_one_receipt_or_many(answer: Answer) -> None:
    one, two = answer("e-1"), answer("e-2")
    assert list(split(canonical(one))) == [one]
    assert list(split(canonical([one, two]))) == [one, two]
    for nonsense in (b"\xff", b"7", b"[7]"):
        with pytest.raises(Unverified):
            list(split(nonsense))


def test_a_key_that_the_service_took_up_since_is_found(answer: Answer, keys_dir: Path) -> None:
    path = keys_dir / "intake.receipt.pub.json"
    current = path.read_text()
    path.write_text(current.replace("intake-1", "intake-0"))
    keys = PublicKeys(keys_dir)
    with pytest.raises(Unverified, match="not in the folder"):
        verify(answer("e-1"), US, keys)
    path.write_text(f'{{"keys": [{current.replace("intake-1", "intake-0")}, {current}]}}')
    assert verify(answer("e-1"), US, keys).id == "e-1"


@pytest.mark.parametrize("content", ["", "[]", '{"kty": "RSA"}', '{"keys": []}', '{"kty": "OKP", "crv": "Ed25519"}'])
def test_a_file_that_is_no_key_is_named(answer: Answer, keys_dir: Path, content: str) -> None:
    (keys_dir / "intake.receipt.pub.json").write_text(content)
    with pytest.raises(NotConfigured, match=r"intake\.receipt\.pub\.json"):
        verify(answer("e-1"), US, PublicKeys(keys_dir))
