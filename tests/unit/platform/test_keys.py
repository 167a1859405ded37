"""Key files: made once, never overwritten, for their owner alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from miriam_platform import keys
from miriam_platform.keys import KeyProblem


def test_keys_are_made_once_and_never_overwritten(tmp_path: Path) -> None:
    made = keys.make(tmp_path, ("person",))
    assert set(made) == {"master.key", "door.key", "fingerprint.key", "person.key", "receipt.pem", "personal.json"}
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert keys.make(tmp_path, ("person",)) == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_every_key_file_is_readable_for_its_owner_alone(tmp_path: Path) -> None:
    keys.make(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    keys.make(tmp_path)
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(KeyProblem, match=r"master\.key"):
        keys.load(tmp_path)


@pytest.mark.parametrize("name", ["master.key", "receipt.pem", "personal.json"])
def test_a_missing_key_file_is_named(tmp_path: Path, name: str) -> None:
    keys.make(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(KeyProblem, match=name):
        keys.load(tmp_path)


@pytest.mark.parametrize("name", ["door.key", "receipt.pem", "personal.json"])
def test_a_broken_key_file_is_named(tmp_path: Path, name: str) -> None:
    keys.make(tmp_path)
    (tmp_path / name).write_bytes(b"broken")
    with pytest.raises(KeyProblem, match=name):
        keys.load(tmp_path)


def test_the_public_files_hold_no_private_half(tmp_path: Path) -> None:
    keys.make(tmp_path)
    for name in ("receipt.pub.json", "personal.pub.json"):
        public = json.loads((tmp_path / name).read_text())
        assert "d" not in public
        assert public["kid"]


def test_keys_are_not_told_where_they_are_printed(tmp_path: Path) -> None:
    keys.make(tmp_path)
    loaded = keys.load(tmp_path)
    assert loaded.master.hex() not in repr(loaded)
    assert repr(loaded.master) not in repr(loaded)
