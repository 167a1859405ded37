"""`miriam audit checkpoint` and `prove`: what they print verifies elsewhere, and what is untrue ends with 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from miriam_reporting.commands.checkpoint import checkpoint
from miriam_reporting.commands.prove import prove
from miriam_transparency.keys import SigningKey, write_public
from miriam_transparency.merkle import leaf_hash
from miriam_transparency.notes import LOG
from miriam_transparency.proofs import Proof

from .conftest import ORIGIN, Log, body, grow

Call = Callable[..., Any]


@pytest.fixture
def trust(tmp_path: Path, log: Log) -> Path:
    write_public(log.keys.published(), tmp_path / "AUTHORITY.pub")
    return tmp_path / "AUTHORITY.pub"


@pytest.fixture
def call(log: Log, trust: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`call(command, *arguments)` upon the log's database, with its keys trusted."""
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", log.access.app_url)

    def run(command: Any, *arguments: str) -> Any:
        return CliRunner().invoke(command, [*arguments, "--trust", str(trust)])

    return run


def test_a_proof_that_was_printed_is_verified_without_the_log(call: Call, log: Log) -> None:
    log.grow(300)
    printed = call(prove, "--source", "sessions", "--sequence", "41")
    assert printed.exit_code == 0, printed.output
    proof = Proof.parse(printed.stdout)
    assert proof.verify(leaf_hash(body("sessions", 41)), log.keys.published())
    assert proof.index == 40


@pytest.mark.parametrize("way", ["id", "position", "number"])
def test_an_event_is_named_in_three_ways(call: Call, log: Log, way: str, tmp_path: Path) -> None:
    log.grow(10)
    event_id = json.loads(body("sessions", 4))["id"]
    asked = {
        "id": [event_id], "position": ["--position", "4"], "number": ["--source", "sessions", "--sequence", "4"],
    }[way]  # fmt: skip
    told = json.loads(call(prove, *asked, "--json", "--out", str(tmp_path / "one.tlog-proof")).stdout)
    assert (told["event_id"], told["position"], told["size"]) == (event_id, 4, 10)
    assert told["leaf"] == leaf_hash(body("sessions", 4)).hex()
    assert told["verified_by"] == [log.keys.current().verifier.text()]
    assert Proof.parse((tmp_path / "one.tlog-proof").read_text()).index == told["index"] == 3


def test_an_older_head_proves_what_it_holds(call: Call, log: Log) -> None:
    log.grow(10)
    log.grow(10)
    told = json.loads(call(prove, "--position", "4", "--size", "10", "--json").stdout)
    assert told["size"] == 10
    missing = call(prove, "--position", "14", "--size", "10")
    assert missing.exit_code == 3
    assert "--size 20" in missing.output
    assert call(prove, "--position", "4", "--size", "11").exit_code == 3


def test_what_is_not_there_is_not_proved(call: Call, log: Log) -> None:
    log.grow(3)
    assert call(prove, "--position", "4").exit_code == 1
    assert call(prove, "--source", "groups", "--sequence", "1").exit_code == 1
    for wrong in ([], ["--sequence", "1"], ["x"], ["--position", "1", "--source", "groups", "--sequence", "1"]):
        assert call(prove, *wrong).exit_code == 2, wrong
    # Recorded, and not under a signed head yet.
    grow(log.connection, 1)
    assert call(prove, "--position", "4").exit_code == 3


TAMPERING = {
    "its own hash": "update ledger.leaf set hash = sha256('x') where position = 4",
    "another's hash": "update ledger.leaf set hash = sha256('x') where position = 9",
    "another is gone": "delete from ledger.leaf where position = 9",
    "the signed head": "update ledger.checkpoint set note = replace(note, E'\\n10\\n', E'\\n11\\n')",
}  # fmt: skip


@pytest.mark.parametrize("statements", TAMPERING.values(), ids=TAMPERING)
def test_what_was_tampered_with_is_not_proved(
    call: Call, log: Log, superuser: Callable[[Log, str], None], statements: str
) -> None:
    log.grow(10)
    superuser(log, statements)
    told = call(prove, "--position", "4")
    assert told.exit_code == 1, told.output
    assert "tlog-proof" not in told.stdout
    assert call(checkpoint).exit_code == 1


def test_a_tile_that_was_changed_proves_nothing(call: Call, log: Log, superuser: Callable[[Log, str], None]) -> None:
    log.grow(300)
    superuser(log, "update ledger.tile set hashes = overlay(hashes placing sha256('x') from 33)")
    # Leaf 1's path has leaf 2's hash in it; leaf 300's path has the tile's root alone, which is as it was.
    assert call(prove, "--position", "1").exit_code == 1
    assert call(prove, "--position", "300").exit_code == 0
    superuser(log, "update ledger.tile set root = sha256('x')")
    assert call(prove, "--position", "300").exit_code == 1
    assert call(checkpoint).exit_code == 1


def test_the_newest_head_and_an_older_one(call: Call, log: Log) -> None:
    assert call(checkpoint).exit_code == 3
    log.grow(3)
    log.grow(3)
    newest = json.loads(call(checkpoint, "--json").stdout)
    assert (newest["origin"], newest["size"], newest["problems"]) == (ORIGIN, 6, [])
    assert newest["signed_by"] == [log.keys.current().verifier.text()]
    assert newest["cosigned_by"] == []
    assert json.loads(call(checkpoint, "--size", "3", "--json").stdout)["size"] == 3
    between = call(checkpoint, "--size", "4")
    assert between.exit_code == 3
    assert "of 6 leaves" in between.output
    assert "cosigned by nobody yet" in call(checkpoint).output


def test_a_head_that_no_trusted_key_signed_is_untrue(call: Call, log: Log, trust: Path) -> None:
    log.grow(3)
    write_public([SigningKey.make(ORIGIN, LOG).verifier], trust)
    told = call(checkpoint, "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["problems"] == ["no known key of the log signed this head"]
    assert call(prove, "--position", "1").exit_code == 1
