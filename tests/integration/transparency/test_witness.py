"""A witness before a real log over HTTP: cosigns what continues, and refuses each way in which a log can lie."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from miriam_reporting.ledger import checkpoints
from miriam_transparency import merkle, rotation, witness
from miriam_transparency.commands.witness import witness as command
from miriam_transparency.keys import SigningKey, read_private, write_private, write_public
from miriam_transparency.log import LogClient, LogRefused
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, cosign
from miriam_transparency.witness import Reason, Refused, Witness

from .conftest import ORIGIN, Log

NAME = "authority.example/witness"


class Watching:
    """A witness of its own folder, known to a log."""

    def __init__(self, folder: Path, log: Log, name: str = NAME) -> None:
        self.folder = folder
        self.key = rotation.make(folder / "key.pem", name, COSIGNATURE)
        self.state = folder / "seen"
        self.now = 1_700_000_000
        write_public(log.keys.published(), folder / "seen.vkeys")
        write_public([self.key.verifier], log.keys.folder / "witnesses.vkeys")
        witness.begin(self.state, ORIGIN, self.key, self.now)

    def look(self, log: Log) -> witness.Seen | None:
        """A round at a log."""
        self.now += 1
        watch = Witness(self.key, log.keys.published(), self.state, clock=lambda: self.now)
        with watch.holding():
            return watch.round(LogClient(log.url))

    def refuses(self, log: Log, reason: Reason) -> Refused:
        """A round must end in this refusal, and change nothing of what is remembered."""
        before = self.state.read_bytes()
        with pytest.raises(Refused) as refused:
            self.look(log)
        assert refused.value.reason is reason
        assert self.state.read_bytes() == before
        return refused.value


@pytest.fixture
def watching(log: Log, serve: Callable[[Log], str], tmp_path: Path) -> Watching:
    serve(log)
    return Watching(tmp_path / "witness", log)


@pytest.fixture
def another(new_log: Callable[..., Log], serve: Callable[[Log], str], tmp_path: Path, log: Log) -> Callable[[str], Log]:
    """`another(mark)`: a second history behind the same key, as an operator who lies would show it."""

    def make(mark: str) -> Log:
        keys = type(log.keys)(tmp_path / f"copy-{mark or 'same'}")
        shutil.copytree(log.keys.folder, keys.folder, ignore=shutil.ignore_patterns("log.signed"))
        made = new_log(mark, keys)
        serve(made)
        return made

    return make


def cosigners(log: Log, size: int) -> list[str]:
    with log.connection:
        found = checkpoints.at(log.connection, size)
    assert found is not None
    keys = [*log.keys.published(), *log.keys.witnesses()]
    return [each.key.name for each in Note.parse(found.note).verified_by(keys) if each.key.kind == COSIGNATURE]


def test_what_continues_is_cosigned_once_and_shown_to_everybody(log: Log, watching: Watching) -> None:
    assert watching.look(log) is None
    log.grow(3)
    seen = watching.look(log)
    assert seen is not None
    assert (seen.size, seen.before, seen.signed) == (3, 0, True)
    log.grow(300)
    seen = watching.look(log)
    assert seen is not None
    assert (seen.size, seen.before, seen.signed) == (303, 3, True)
    again = watching.look(log)
    assert again is not None
    assert not again.signed
    assert cosigners(log, 3) == cosigners(log, 303) == [NAME]
    shown = Note.parse(LogClient(log.url).checkpoint() or "")
    assert {each.key.kind for each in shown.verified_by([*log.keys.published(), watching.key.verifier])} == {
        LOG, COSIGNATURE,
    }  # fmt: skip
    with log.connection:
        covering = checkpoints.covering(log.connection, 4, NAME)
    assert covering is not None
    assert covering.size == 303


def test_a_cosignature_that_was_not_handed_in_is_handed_in_later(
    log: Log, watching: Watching, superuser: Callable[[Log, str], None]
) -> None:
    log.grow(3)
    watching.look(log)
    superuser(log, "delete from ledger.cosignature")
    assert cosigners(log, 3) == []
    seen = watching.look(log)
    assert seen is not None
    assert not seen.signed
    assert cosigners(log, 3) == [NAME]


def test_a_fork_is_refused(log: Log, watching: Watching, another: Callable[[str], Log]) -> None:
    log.grow(5)
    watching.look(log)
    other = another("another history")
    other.grow(5)
    refused = watching.refuses(other, Reason.FORK)
    # What is kept proves it: two heads of one size, both signed by the log's key.
    assert refused.evidence is not None
    kept = Note.parse(refused.evidence.read_text())
    assert kept.verified_by(log.keys.published())
    assert Checkpoint.parse(kept.text).root != watching_root(watching)
    # It stands as long as it is so, and the true log is still cosigned.
    watching.refuses(other, Reason.FORK)
    log.grow(1)
    assert watching.look(log) is not None


def watching_root(watching: Watching) -> bytes:
    return Checkpoint.parse(Note.parse(watching.state.read_text()).text).root


def test_a_shrunken_log_is_refused(log: Log, watching: Watching, another: Callable[[str], Log]) -> None:
    log.grow(5)
    watching.look(log)
    shorter = another("")
    empty = another("empty")
    shorter.grow(4)
    watching.refuses(shorter, Reason.SHRUNKEN)
    watching.refuses(empty, Reason.SHRUNKEN)


@pytest.mark.parametrize("size", [6, 300])
def test_a_rewritten_log_is_refused(log: Log, watching: Watching, another: Callable[[str], Log], size: int) -> None:
    log.grow(5)
    watching.look(log)
    other = another("another history")
    other.grow(size)
    watching.refuses(other, Reason.REWRITTEN)


def test_a_log_that_was_rewritten_in_its_database_is_refused(
    log: Log, watching: Watching, superuser: Callable[[Log, str], None]
) -> None:
    log.grow(5)
    watching.look(log)
    # The operator drops what was signed, and what reminds the checkpointer of it.
    superuser(
        log,
        "delete from ledger.cosignature; delete from ledger.checkpoint;"
        " update ledger.leaf set hash = sha256('another') where position = 2",
    )
    log.keys.signed.unlink()
    log.grow(4)
    watching.refuses(log, Reason.REWRITTEN)


def test_a_log_that_signed_a_head_and_has_no_proof_of_it_is_refused(
    log: Log, watching: Watching, superuser: Callable[[Log, str], None]
) -> None:
    log.grow(5)
    watching.look(log)
    log.grow(4)
    superuser(log, "delete from ledger.leaf where position = 7")
    watching.refuses(log, Reason.REWRITTEN)


def test_a_head_of_another_key_is_refused(
    log: Log, watching: Watching, new_log: Callable[..., Log], serve: Any
) -> None:
    log.grow(5)
    watching.look(log)
    stranger = new_log()
    stranger.grow(6)
    serve(stranger)
    trusted = log.keys
    watch = Witness(watching.key, trusted.published(), watching.state)
    with watch.holding(), pytest.raises(Refused) as refused:
        watch.round(LogClient(stranger.url))
    assert refused.value.reason is Reason.SIGNATURE


def test_a_head_whose_signature_was_bent_is_refused(
    log: Log, watching: Watching, superuser: Callable[[Log, str], None]
) -> None:
    log.grow(5)
    superuser(log, "update ledger.checkpoint set note = replace(note, E'\\n5\\n', E'\\n6\\n')")
    watching.refuses(log, Reason.SIGNATURE)


def test_another_log_is_refused(log: Log, watching: Watching, superuser: Callable[[Log, str], None]) -> None:
    log.grow(5)
    superuser(log, f"update ledger.checkpoint set note = replace(note, '{ORIGIN}', 'log.example/other')")
    watching.refuses(log, Reason.ORIGIN)


def test_a_clock_that_went_back_is_refused(log: Log, watching: Watching) -> None:
    log.grow(5)
    watching.look(log)
    log.grow(5)
    watching.now -= 3600
    watching.refuses(log, Reason.CLOCK)


def test_a_clock_that_is_ahead_is_refused_by_the_log(log: Log, watching: Watching) -> None:
    log.grow(5)
    watching.now = 2**40
    with pytest.raises(LogRefused, match="time to come"):
        watching.look(log)
    assert cosigners(log, 5) == []


def test_a_memory_that_somebody_changed_is_refused(log: Log, watching: Watching) -> None:
    log.grow(5)
    watching.look(log)
    whole = watching.state.read_text()
    for changed in (whole.replace("\n5\n", "\n4\n"), whole[:-10], "", whole.replace(NAME, "somebody.example")):
        watching.state.write_text(changed)
        watching.refuses(log, Reason.STATE)


def test_nothing_remembered_is_no_beginning(log: Log, watching: Watching) -> None:
    log.grow(5)
    watching.state.unlink()
    with pytest.raises(witness.NothingRemembered):
        watching.look(log)


def test_two_witnesses_of_one_memory_do_not_run_at_once(log: Log, watching: Watching) -> None:
    first = Witness(watching.key, log.keys.published(), watching.state)
    with first.holding(), pytest.raises(witness.AlreadyRuns):
        watching.look(log)


def test_the_log_takes_no_cosignature_of_a_stranger_nor_a_false_one(log: Log, watching: Watching) -> None:
    log.grow(5)
    note = Note.parse(LogClient(log.url).checkpoint() or "")
    client, stranger = LogClient(log.url), SigningKey.make("stranger.example", COSIGNATURE)
    with pytest.raises(LogRefused, match="no line is of a witness"):
        client.add_cosignatures(str(Note(note.text, (cosign(note.text, stranger, 1),))))
    # A known name and key id, and another's signature under it.
    false = cosign(note.text, stranger, 1)
    forged = type(false)(NAME, watching.key.verifier.key_id, false.blob)
    with pytest.raises(LogRefused, match="is false"):
        client.add_cosignatures(str(Note(note.text, (forged,))))
    # A true signature upon a head that this log never signed.
    other = Checkpoint(ORIGIN, 5, merkle.leaf_hash(b"other")).text()
    with pytest.raises(LogRefused, match="none of this log"):
        client.add_cosignatures(str(Note(other, (cosign(other, watching.key, 1),))))
    for rubbish in ("", "x", note.text, f"{note.text}\nx\n"):
        with pytest.raises(LogRefused) as refused:
            client.add_cosignatures(rubbish)
        assert refused.value.status == 422
    assert cosigners(log, 5) == []
    # Among known lines a stranger's is left out.
    client.add_cosignatures(str(Note(note.text, (cosign(note.text, stranger, 1), cosign(note.text, watching.key, 1)))))
    with log.connection:
        found = checkpoints.at(log.connection, 5)
    assert found is not None
    assert "stranger.example" not in found.note
    assert cosigners(log, 5) == [NAME]


def test_a_new_key_of_the_log_is_trusted_when_it_is_added(log: Log, watching: Watching) -> None:
    log.grow(5)
    watching.look(log)
    before = log.keys.published()
    rotation.rotate(log.keys.path)
    log.grow(1)
    # The first head of the new key is signed by the old one too: who only knows that one still follows.
    watch = Witness(watching.key, before, watching.state, clock=lambda: watching.now)
    with watch.holding():
        assert watch.round(LogClient(log.url)) is not None
    log.grow(1)
    with watch.holding(), pytest.raises(Refused) as refused:
        watch.round(LogClient(log.url))
    assert refused.value.reason is Reason.SIGNATURE
    assert watching.look(log) is not None


# --- the command ---------------------------------------------------------------------------------------------------


def called(log: Log, folder: Path, *more: str) -> Any:
    arguments = ["--log", log.url, "--key", str(folder / "key.pem"), "--state", str(folder / "seen"), *more]
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def fresh(log: Log, serve: Callable[[Log], str], tmp_path: Path) -> Path:
    """The folder of a witness that has its key and nothing more; the log knows it."""
    serve(log)
    key = rotation.make(tmp_path / "fresh" / "key.pem", NAME, COSIGNATURE)
    write_public([key.verifier], log.keys.folder / "witnesses.vkeys")
    return tmp_path / "fresh"


def test_the_command_begins_only_when_told_and_pins_what_it_saw_first(log: Log, fresh: Path) -> None:
    log.grow(4)
    assert called(log, fresh).exit_code == 3
    assert called(log, fresh, "--from-scratch").exit_code == 3
    begun = called(log, fresh, "--first", "--json")
    assert begun.exit_code == 0, begun.output
    assert json.loads(begun.output)["size"] == 4
    assert (fresh / "seen.vkeys").exists()
    assert called(log, fresh, "--first").exit_code == 2
    again = called(log, fresh)
    assert again.exit_code == 0
    assert "as seen before" in again.output
    assert cosigners(log, 4) == [NAME]


def test_a_witness_with_a_new_key_remembers_what_the_old_one_cosigned(log: Log, fresh: Path) -> None:
    log.grow(4)
    assert called(log, fresh, "--first").exit_code == 0
    rotation.rotate(fresh / "key.pem")
    assert called(log, fresh).exit_code == 0
    log.grow(1)
    # The log must be told of it first.
    refused = called(log, fresh)
    assert refused.exit_code == 1
    assert "witnesses.vkeys" in refused.output
    write_public(rotation.published(fresh / "key.pem"), log.keys.folder / "witnesses.vkeys")
    again = called(log, fresh)
    assert again.exit_code == 0, again.output
    assert cosigners(log, 5) == cosigners(log, 4) == [NAME]
    # And who has neither the old key nor its public half remembers nothing.
    rotation.published_beside(fresh / "key.pem").unlink()
    log.grow(1)
    rotation.make(fresh / "other.pem", NAME, COSIGNATURE)
    assert called(log, fresh, "--key", str(fresh / "other.pem")).exit_code == 1


def test_the_command_refuses_loudly_with_exit_code_1(log: Log, fresh: Path, another: Callable[[str], Log]) -> None:
    log.grow(4)
    assert called(log, fresh, "--first").exit_code == 0
    other = another("another history")
    other.grow(4)
    refused = called(other, fresh)
    assert refused.exit_code == 1
    assert "REFUSED" in refused.output
    assert "fork" in refused.output
    told = called(other, fresh, "--json")
    assert json.loads(told.stdout)["refused"] == "fork"


def test_the_command_says_which_file_or_address_is_wrong(log: Log, fresh: Path, tmp_path: Path) -> None:
    log.grow(4)
    assert called(log, fresh, "--first").exit_code == 0
    write_private(read_private(log.keys.path), tmp_path / "fresh" / "other.pem")
    assert called(log, fresh, "--key", str(tmp_path / "fresh" / "other.pem")).exit_code == 2
    assert called(log, fresh, "--key", str(tmp_path / "none.pem")).exit_code == 3
    assert called(log, fresh, "--log", "http://127.0.0.1:1").exit_code == 4
    assert called(log, fresh, "--log", "ftp://127.0.0.1").exit_code == 4
