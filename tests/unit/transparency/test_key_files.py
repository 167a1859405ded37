"""Key files: private, never written over, replaced without losing what was published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from miriam_transparency import rotation
from miriam_transparency.commands.keygen import keygen
from miriam_transparency.keys import KeyFileError, read_private, read_public, write_private
from miriam_transparency.notes import COSIGNATURE, LOG, VerifierKey


def test_a_private_file_is_its_owners_alone_and_is_read_back(tmp_path: Path) -> None:
    key = rotation.make(tmp_path / "log.pem", "log.example/a", LOG)
    assert (tmp_path / "log.pem").stat().st_mode & 0o777 == 0o600
    assert read_private(tmp_path / "log.pem").verifier == key.verifier
    assert read_public(tmp_path / "log.vkeys") == (key.verifier,)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    key = rotation.make(tmp_path / "log.pem", "log.example/a", LOG)
    before = (tmp_path / "log.pem").read_bytes()
    with pytest.raises(KeyFileError, match="exists already"):
        write_private(key, tmp_path / "log.pem")
    with pytest.raises(KeyFileError, match="exists already"):
        rotation.make(tmp_path / "log.pem", "log.example/b", LOG)
    assert (tmp_path / "log.pem").read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log.pem", "log.vkeys"]


def test_making_what_is_there_changes_nothing(tmp_path: Path) -> None:
    first = rotation.make_missing(tmp_path / "log.pem", "log.example/a", LOG)
    (tmp_path / "log.vkeys").unlink()
    assert rotation.make_missing(tmp_path / "log.pem", "log.example/a", LOG).verifier == first.verifier
    assert rotation.published(tmp_path / "log.pem") == (first.verifier,)


def test_a_key_that_is_gone_is_not_made_anew_by_itself(tmp_path: Path) -> None:
    first = rotation.make(tmp_path / "log.pem", "log.example/a", LOG).verifier
    (tmp_path / "log.pem").unlink()
    with pytest.raises(KeyFileError, match="is gone"):
        rotation.make_missing(tmp_path / "log.pem", "log.example/a", LOG)
    # A person may decide so: what was published stays.
    second = rotation.make(tmp_path / "log.pem", "log.example/a", LOG).verifier
    assert rotation.published(tmp_path / "log.pem") == (second, first)


def test_a_new_key_takes_the_place_and_the_old_one_stays_published(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    first = rotation.make(path, "log.example/a", LOG).verifier
    second, old = rotation.rotate(path)
    third, _ = rotation.rotate(path)
    assert old.verifier == first
    assert read_private(path).verifier == third.verifier
    assert rotation.published(path) == (third.verifier, second.verifier, first)
    held = rotation.still_held(path, second.verifier)
    assert held is not None
    assert held.verifier == second.verifier
    assert rotation.still_held(path, third.verifier) is None
    assert read_private(rotation.replaced(path, first)).verifier == first
    assert {each.verifier.name for each in (second, third)} == {"log.example/a"}


def test_a_rotation_that_was_interrupted_leaves_the_old_key_and_can_be_done_again(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    first = rotation.make(path, "log.example/a", LOG).verifier
    # Killed after the new key was written beside, before it took the place.
    rotation.make(tmp_path / ".log.pem.new", "log.example/a", LOG)
    (tmp_path / rotation.replaced(path, first).name).hardlink_to(path)
    assert read_private(path).verifier == first
    new, old = rotation.rotate(path)
    assert (read_private(path).verifier, old.verifier) == (new.verifier, first)


def test_a_private_file_whose_first_line_names_another_key_is_refused(tmp_path: Path) -> None:
    rotation.make(tmp_path / "a.pem", "a.example/a", LOG)
    other = rotation.make(tmp_path / "b.pem", "a.example/a", LOG)
    lines = (tmp_path / "a.pem").read_text().split("\n", 1)
    (tmp_path / "a.pem").write_text(f"# {other.verifier.text()}\n{lines[1]}")
    with pytest.raises(KeyFileError, match="another key"):
        read_private(tmp_path / "a.pem")


def test_the_command_makes_rotates_and_never_overwrites(tmp_path: Path) -> None:
    run, path = CliRunner(), tmp_path / "w.pem"
    made = run.invoke(keygen, ["witness", "--name", "w.example/1", "--out", str(path)])
    assert made.exit_code == 0, made.output
    assert VerifierKey.parse(made.output.strip()).kind == COSIGNATURE
    assert run.invoke(keygen, ["witness", "--name", "w.example/1", "--out", str(path)]).exit_code == 3
    assert run.invoke(keygen, ["log", "--rotate", "--out", str(path)]).exit_code == 2
    rotated = json.loads(run.invoke(keygen, ["witness", "--rotate", "--out", str(path), "--json"]).output)
    assert rotated["replaced"]["vkey"] == made.output.strip()
    assert read_private(path).verifier.text() == rotated["vkey"]
    assert run.invoke(keygen, ["witness", "--out", str(tmp_path / "x.pem")]).exit_code == 2
    assert run.invoke(keygen, ["witness", "--name", "two words", "--out", str(tmp_path / "x.pem")]).exit_code == 2
    assert not (tmp_path / "x.pem").exists()
    signing = json.loads(
        run.invoke(keygen, ["signing", "--name", "cpas.example/a", "--out", str(tmp_path / "s.pem"), "--json"]).output
    )
    assert len(signing["signing_key"]) == 43
