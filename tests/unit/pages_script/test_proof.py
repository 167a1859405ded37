"""The check of proofs that runs in the browser, run here by Node.js on proofs that Python made: true ones hold, any
change of event, path, root, signature or key is noticed, and the step that notices it is named.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from miriam_reporting import web
from miriam_transparency import merkle, notes
from miriam_transparency.keys import SigningKey

HERE = Path(__file__).parent
NODE = HERE.parents[1] / "tools" / "node" / "need"
ORIGIN = "miriam.example/ledger"
Case = dict[str, Any]


class Leaves:
    """Nodes of a whole tree, computed from its leaves."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.hashes = hashes

    def node(self, level: int, index: int) -> bytes:
        width = 1 << level
        return merkle.root(self.hashes[index * width : (index + 1) * width])


@pytest.fixture(scope="module")
def keys() -> tuple[SigningKey, SigningKey]:
    return SigningKey.make(ORIGIN, notes.LOG), SigningKey.make("spp.example/witness", notes.COSIGNATURE)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script as the pages serve it, under a name by which every Node.js takes it for a module."""
    ready = subprocess.run([NODE], capture_output=True, text=True, check=False)
    assert ready.returncode == 0, ready.stderr
    return Path(
        shutil.copy(Path(web.__file__).parent / "static" / "proof.js", tmp_path_factory.mktemp("script") / "proof.mjs")
    )


def case(keys: tuple[SigningKey, SigningKey], size: int, index: int) -> Case:
    """A true proof: of the leaf at `index` of a tree of `size` leaves, signed and cosigned."""
    log, witness = keys
    bodies = [f'{{"n":{n},"note":"é€ {n}"}}' for n in range(size)]
    hashes = [merkle.leaf_hash(body.encode()) for body in bodies]
    text = notes.Checkpoint(ORIGIN, size, merkle.root(hashes)).text()
    note = notes.Note(text, (notes.sign(text, log), notes.cosign(text, witness, 1_700_000_000)))
    path = merkle.inclusion_proof(index, size, Leaves(hashes))
    return {
        "body": bodies[index],
        "leaf": hashes[index].hex(),
        "index": index,
        "size": size,
        "path": [base64.b64encode(each).decode() for each in path],
        "note": str(note),
        "keys": f"# both\n{log.verifier.text()}\n{witness.verifier.text()}\n",
    }


def run(module: Path, cases: list[Case]) -> list[Any]:
    done = subprocess.run(
        ["node", HERE / "check.mjs", module], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def test_a_true_proof_holds_at_every_place_of_every_small_tree(
    keys: tuple[SigningKey, SigningKey], module: Path
) -> None:
    cases = [case(keys, size, index) for size in (*range(1, 18), 31, 33) for index in range(size)]
    found = run(module, cases)
    assert [each["verdict"] for each in found] == [True] * len(cases)
    assert {tuple(step["code"] for step in each["steps"]) for each in found} == {
        ("leaf", "path", "root", "signature", "cosignature")
    }


def flipped(text: str, at: int) -> str:
    """Base64 of other bytes: one bit differs."""
    content = bytearray(base64.b64decode(text))
    content[at] ^= 1
    return base64.b64encode(content).decode()


def spoilt(keys: tuple[SigningKey, SigningKey]) -> dict[str, tuple[Case, str]]:
    """Each way to spoil a proof, and the step that must notice it."""
    true = case(keys, 13, 6)
    log, witness = keys
    other = SigningKey.make(ORIGIN, notes.LOG)
    head, lines = true["note"].split("\n\n")
    by_log, by_witness = lines.splitlines()
    root = head.splitlines()[2]
    changed_line = f"{by_log[: -len(by_log.split(' ')[2])]}{flipped(by_log.split(' ')[2], 20)}"
    changed_witness = f"{by_witness[: -len(by_witness.split(' ')[2])]}{flipped(by_witness.split(' ')[2], 40)}"
    return {
        "a letter of the event": ({**true, "body": true["body"].replace("note", "nota")}, "leaf"),
        "a blank after the event": ({**true, "body": true["body"] + " "}, "leaf"),
        "event and leaf together": (
            {**true, "body": "{}", "leaf": merkle.leaf_hash(b"{}").hex()},
            "root",
        ),
        "another place": ({**true, "index": 7}, "root"),
        "a place beyond the tree": ({**true, "index": 13}, "path"),
        "a bit of the path": ({**true, "path": [flipped(true["path"][0], 0), *true["path"][1:]]}, "root"),
        "a step too few": ({**true, "path": true["path"][:-1]}, "path"),
        "a step too many": ({**true, "path": [*true["path"], true["path"][0]]}, "path"),
        "another root": ({**true, "note": true["note"].replace(root, flipped(root, 5))}, "root"),
        "another size in the head": ({**true, "note": true["note"].replace("\n13\n", "\n14\n")}, "root"),
        "a bit of the signature": ({**true, "note": true["note"].replace(by_log, changed_line)}, "signature"),
        "a bit of the cosignature": (
            {**true, "note": true["note"].replace(by_witness, changed_witness)},
            "cosignature",
        ),
        "a key that did not sign": (
            {**true, "keys": f"{other.verifier.text()}\n{witness.verifier.text()}\n"},
            "no_key",
        ),
        "a witness's key alone": ({**true, "keys": f"{witness.verifier.text()}\n"}, "no_key"),
        "a key whose id is not its own": (
            {**true, "keys": log.verifier.text().replace(f"+{log.verifier.key_id.hex()}+", "+00000000+")},
            "bad_key",
        ),
    }


def test_every_change_is_noticed_by_the_step_that_looks_at_it(
    keys: tuple[SigningKey, SigningKey], module: Path
) -> None:
    ways = spoilt(keys)
    found = run(module, [given for given, _ in ways.values()])
    noticed = {
        way: (each["verdict"], [step["code"] for step in each["steps"] if step["ok"] is False])
        for way, each in zip(ways, found, strict=True)
    }
    assert noticed == {way: (False, [step]) for way, (_, step) in ways.items()}
