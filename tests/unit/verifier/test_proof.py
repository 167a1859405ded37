"""`miriam_verify.py proof`: one event is in the ledger, or is not."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hand_made import small_edition

import miriam_verify
from miriam_transparency import merkle, notes
from miriam_transparency.keys import SigningKey

AT = 3


class Nodes:
    def __init__(self, hashes: list[bytes]) -> None:
        self._hashes = hashes

    def node(self, level: int, index: int) -> bytes:
        return merkle.root(self._hashes[index << level : (index + 1) << level])


@pytest.fixture
def proof(tmp_path: Path) -> dict[str, Any]:
    bodies = small_edition().bodies
    hashes = [merkle.leaf_hash(body) for body in bodies]
    log, witness = (
        SigningKey.make("miriam.example/ledger", notes.LOG),
        SigningKey.make("w.example/w", notes.COSIGNATURE),
    )
    text = notes.Checkpoint(log.verifier.name, len(hashes), merkle.root(hashes)).text()
    note = notes.Note(text, (notes.sign(text, log), notes.cosign(text, witness, 1_700_000_000)))
    (tmp_path / "AUTHORITY.pub").write_text(f"{witness.verifier.text()}\n{log.verifier.text()}\n")
    path = merkle.inclusion_proof(AT - 1, len(hashes), Nodes(hashes))
    return {
        "leaf": hashes[AT - 1].hex(),
        "position": AT,
        "size": len(hashes),
        "proof": [base64.b64encode(each).decode() for each in path],
        "checkpoint": str(note),
        "body": bodies[AT - 1].decode(),
    }


def run(folder: Path, proof: Any) -> int:
    (folder / "proof.json").write_text(json.dumps(proof))
    return miriam_verify.main(["proof", "--key", str(folder / "AUTHORITY.pub"), str(folder / "proof.json")])


def test_a_true_proof_is_believed_with_and_without_the_event(
    proof: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, proof) == 0
    assert "The leaf at position 3 is in the ledger of 5 leaves" in capsys.readouterr().out
    del proof["body"]
    assert run(tmp_path, proof) == 0
    assert "its hash alone" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"leaf": "0" * 64}, {"leaf": "0"}, {"position": 2}, {"position": 0}, {"position": 6}, {"size": 4},
        {"proof": []},
        {"proof": ["AAAA"]}, {"body": "{}"}, {"checkpoint": "text\n"}, {"proof": ["no base64"]},
        {"body": "\ud800"},
    ],
)  # fmt: skip
def test_a_false_one_is_not(proof: dict[str, Any], tmp_path: Path, change: dict[str, Any]) -> None:
    assert run(tmp_path, {**proof, **change}) == 1


def test_a_checkpoint_of_somebody_else_proves_nothing(proof: dict[str, Any], tmp_path: Path) -> None:
    other = SigningKey.make("miriam.example/ledger", notes.LOG)
    text = notes.Note.parse(proof["checkpoint"]).text
    assert run(tmp_path, {**proof, "checkpoint": str(notes.Note(text, (notes.sign(text, other),)))}) == 1


@pytest.mark.parametrize("wrong", [[], {}, {"leaf": 1}, "text", None])
def test_what_is_no_proof_has_another_exit_code(proof: dict[str, Any], tmp_path: Path, wrong: Any) -> None:
    given = {**proof, **wrong} if wrong and isinstance(wrong, dict) else wrong
    assert run(tmp_path, given) == 3
