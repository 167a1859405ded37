"""What `miriam up` makes for the authority's witness: once, apart from reporting's keys, and published."""

from __future__ import annotations

from pathlib import Path

import pytest

from miriam_local.errors import LocalError
from miriam_local.places import Places
from miriam_local.witnessing import NAME, AuthorityWitness
from miriam_transparency import rotation
from miriam_transparency.keys import SigningKey, read_public, write_public
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note


@pytest.fixture
def made(tmp_path: Path) -> AuthorityWitness:
    places = Places(tmp_path / "home")
    places.make()
    rotation.make(tmp_path / "keys" / "log.pem", "log.example/a", LOG)
    found = AuthorityWitness(places, tmp_path / "keys")
    found.prepare()
    return found


def files(witness: AuthorityWitness) -> dict[str, bytes]:
    folders = (witness.folder, witness.log_keys, witness.places.public_keys)
    return {str(path): path.read_bytes() for folder in folders for path in folder.iterdir()}


def test_it_is_made_once(made: AuthorityWitness) -> None:
    before = files(made)
    made.prepare()
    assert files(made) == before


def test_what_is_published_are_the_public_keys_of_both(made: AuthorityWitness) -> None:
    keys = read_public(made.places.public_keys / "AUTHORITY.pub")
    assert [(key.name, key.kind) for key in keys] == [(NAME, COSIGNATURE), ("log.example/a", LOG)]
    assert read_public(made.log_keys / "witnesses.vkeys") == keys[:1]
    assert read_public(made.folder / "log.vkeys") == read_public(made.places.public_keys / "log.vkeys") == keys[1:]
    assert made.folder.stat().st_mode & 0o777 == 0o700


def test_it_remembers_the_empty_log_that_it_cosigned_itself(made: AuthorityWitness) -> None:
    note = Note.parse((made.folder / "seen").read_text())
    head = Checkpoint.parse(note.text)
    assert (head.origin, head.size) == ("log.example/a", 0)
    assert note.verified_by(rotation.published(made.folder / "authority.pem"))


def test_a_memory_that_was_lost_is_not_made_anew(made: AuthorityWitness) -> None:
    (made.folder / "seen").unlink()
    made.prepare()
    assert not (made.folder / "seen").exists()


def test_new_keys_are_published_with_the_old_ones_and_other_witnesses_stay(made: AuthorityWitness) -> None:
    other = SigningKey.make("cpas.example/anderlecht", COSIGNATURE).verifier
    known = made.log_keys / "witnesses.vkeys"
    write_public([*read_public(known), other], known)
    log, authority = made.log_keys / "log.pem", made.folder / "authority.pem"
    rotation.rotate(log)
    rotation.rotate(authority)
    made.prepare()
    assert read_public(known) == (*rotation.published(authority), other)
    published = read_public(made.places.public_keys / "AUTHORITY.pub")
    assert published == (*rotation.published(authority), *rotation.published(log))
    assert len(published) == 4


def test_a_key_that_is_gone_is_not_made_anew_behind_anybodys_back(made: AuthorityWitness) -> None:
    (made.folder / "authority.pem").unlink()
    with pytest.raises(LocalError, match=r"authority\.pem is gone"):
        made.prepare()


def test_a_file_of_keys_that_cannot_be_read_is_named(made: AuthorityWitness) -> None:
    (made.log_keys / "log.vkeys").write_text("rubbish\n")
    with pytest.raises(LocalError, match=r"log\.vkeys"):
        made.prepare()
