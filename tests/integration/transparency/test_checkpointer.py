"""The checkpointer as a process: signs soon, across kills and rotations, and nothing but one history."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from miriam_reporting.ledger import checkpoints, tree
from miriam_reporting.ledger.checkpointer import HistoryChanged
from miriam_transparency import merkle, rotation
from miriam_transparency.keys import KeyFileError
from miriam_transparency.notes import Checkpoint, Note

from .conftest import ORIGIN, grow

Start = Callable[[Any], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(log)`: `python -m miriam_reporting checkpoint` of that log."""
    started: list[subprocess.Popen[str]] = []

    def run(log: Any) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"], "MIRIAM_DATABASE_URL": log.access.app_url,
            "MIRIAM_KEYS_DIR": str(log.keys.folder), "MIRIAM_LOG_ORIGIN": ORIGIN,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "miriam_reporting", "checkpoint"],
            env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def latest(log: Any) -> checkpoints.Signed | None:
    with log.connection:
        return checkpoints.latest(log.connection)


def signed_at_size(log: Any, size: int, seconds: float = 20.0) -> float:
    """Wait until a head of that size is signed; answer the seconds that it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        found = latest(log)
        if found is not None and found.size >= size:
            return time.monotonic() - began
        time.sleep(0.01)
    raise AssertionError(f"no head of {size} leaves after {seconds} s")


def test_each_batch_is_signed_within_a_second_and_the_root_is_right(log: Any, start: Start) -> None:
    start(log)
    grow(log.connection, 1)
    signed_at_size(log, 1)
    size = 1
    for count in (1, 300, 2, 500):
        grow(log.connection, count)
        size += count
        assert signed_at_size(log, size) < 1.0
    found = latest(log)
    assert found is not None
    with log.connection, log.connection.cursor() as cursor:
        cursor.execute("select hash from ledger.leaf order by position")
        root = merkle.root(bytes(row[0]) for row in cursor.fetchall())
    head = Checkpoint.parse(Note.parse(found.note).text)
    assert (head.origin, head.size, head.root) == (ORIGIN, size, root)
    assert Note.parse(found.note).verified_by(log.keys.published())


def test_under_load_heads_are_signed_some_five_times_a_second(log: Any, start: Start) -> None:
    start(log)
    grow(log.connection, 1)
    signed_at_size(log, 1)
    began = time.monotonic()
    while (took := time.monotonic() - began) < 2.0:
        grow(log.connection, 5)
    with log.connection, log.connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger.checkpoint")
        assert cursor.fetchone()[0] <= 5 * took + 2


def test_two_at_once_sign_one_history_and_the_second_takes_over_when_the_first_is_killed(
    log: Any, start: Start
) -> None:
    leader = start(log)
    grow(log.connection, 10)
    signed_at_size(log, 10)
    other = start(log)
    # While both run, and one stands by.
    for _ in range(20):
        grow(log.connection, 15)
    signed_at_size(log, 310)
    leader.send_signal(signal.SIGKILL)
    leader.wait()
    grow(log.connection, 3)
    signed_at_size(log, 313)
    assert other.poll() is None
    assert heads_are_of_one_history(log)


def test_kill_nine_again_and_again_leaves_one_history(log: Any, start: Start) -> None:
    size = 0
    for pause in (0.3, 0.6, 0.45, 0.9):
        process = start(log)
        before, latest_end, end = len(heads(log)), time.monotonic() + 30, time.monotonic() + pause
        # However slowly it starts: it is killed once it has signed, or there is no history to be of one.
        while time.monotonic() < end or (len(heads(log)) == before and time.monotonic() < latest_end):
            grow(log.connection, 7)
            size += 7
        process.send_signal(signal.SIGKILL)
        process.wait()
    start(log)
    signed_at_size(log, size)
    assert heads_are_of_one_history(log)


def heads(log: Any) -> list[tuple[int, bytes]]:
    with log.connection, log.connection.cursor() as cursor:
        cursor.execute("select size, root from ledger.checkpoint order by size")
        return [(size, bytes(root)) for size, root in cursor.fetchall()]


def heads_are_of_one_history(log: Any) -> bool:
    found = heads(log)
    with log.connection:
        for (old, old_root), (new, new_root) in itertools.pairwise(found):
            proof = tree.consistency(log.connection, old, new)
            merkle.verify_consistency(old, old_root, new, new_root, proof)
    return len(found) > 1


def test_a_head_that_was_signed_and_not_kept_still_binds(log: Any, superuser: Callable[..., None]) -> None:
    log.grow(9)
    # As if killed between the two: signed, not in the database. It is signed again, to the same bytes.
    first = latest(log)
    superuser(log, "delete from ledger.checkpoint")
    assert log.sign() == 9
    again = latest(log)
    assert first is not None
    assert again is not None
    assert again.note == first.note
    # The database alone knows nothing of what was signed any more, and its leaves are others now.
    superuser(
        log,
        "delete from ledger.checkpoint; delete from ledger.leaf where position > 5;"
        " update ledger.head set position = 5; update ledger.source set last_sequence = 5",
    )
    grow(log.connection, 6, mark="another history")
    with pytest.raises(HistoryChanged, match="first 9 leaves"):
        log.sign()


TAMPERING = {
    "a leaf's hash is another": "update ledger.leaf set hash = sha256('x') where position = 599",
    "a leaf is gone": "delete from ledger.leaf where position = 599",
    "two leaves changed places": "update ledger.leaf set hash = (select other.hash from ledger.leaf other"
    " where other.position = 1197 - leaf.position) where position in (598, 599)",
    "a tile and its leaf": "update ledger.leaf set hash = sha256('x') where position = 3;"
    " update ledger.tile set hashes = overlay(hashes placing sha256('x') from 65), root = sha256('y') where index = 0",
    "the last leaves are cut off": "delete from ledger.leaf where position > 590;"
    " update ledger.head set position = 590; update ledger.source set last_sequence = 590",
    "a signed head is another": "update ledger.checkpoint set root = sha256('z'), note = replace(note, '600', '599')",
}  # fmt: skip


@pytest.mark.parametrize("statements", TAMPERING.values(), ids=TAMPERING)
def test_it_refuses_to_sign_what_is_not_what_it_signed(
    log: Any, start: Start, superuser: Callable[..., None], statements: str
) -> None:
    log.grow(600)
    before = latest(log)
    superuser(log, statements)
    process = start(log)
    grow(log.connection, 20, mark="another history")
    assert process.wait(20) == 1
    assert "nothing is signed any more" in process.stderr.read()  # type: ignore[union-attr]
    assert latest(log).size == before.size  # type: ignore[union-attr]
    with log.connection, log.connection.cursor() as cursor:
        cursor.execute("select kind, source from ledger.alarm")
        assert cursor.fetchall() == [("history", "reporting")]


def test_it_does_not_sign_with_the_key_of_another_log(log: Any, tmp_path: Path) -> None:
    log.grow(1)
    rotation.make(tmp_path / "other" / "log.pem", ORIGIN, 1)
    (tmp_path / "other" / "log.pem").replace(log.keys.path)
    (tmp_path / "other" / "log.vkeys").replace(rotation.published_beside(log.keys.path))
    grow(log.connection, 1)
    with pytest.raises(HistoryChanged, match="not signed by this log"):
        log.sign()


def test_the_first_head_of_a_new_key_is_signed_by_the_old_one_too(log: Any) -> None:
    log.grow(3)
    new, old = rotation.rotate(log.keys.path)
    log.grow(3)
    handover = latest(log)
    assert handover is not None
    assert [each.key for each in Note.parse(handover.note).verified_by(log.keys.published())] == [
        new.verifier, old.verifier,
    ]  # fmt: skip
    # Afterwards the new one alone signs, and the old private half may be destroyed.
    rotation.replaced(log.keys.path, old.verifier).unlink()
    log.grow(3)
    last = latest(log)
    assert last is not None
    assert [each.key for each in Note.parse(last.note).verified_by(log.keys.published())] == [new.verifier]


def test_two_rotations_before_the_next_head_still_hand_over_from_the_key_that_signed_last(log: Any) -> None:
    log.grow(3)
    first = log.keys.current().verifier
    rotation.rotate(log.keys.path)
    rotation.rotate(log.keys.path)
    log.grow(3)
    handover = latest(log)
    assert handover is not None
    assert [each.key for each in Note.parse(handover.note).verified_by([first])] == [first]
    assert [each.key for each in Note.parse(handover.note).verified_by(log.keys.published())] == [
        log.keys.current().verifier, first,
    ]  # fmt: skip


def test_without_a_key_nothing_is_signed(log: Any) -> None:
    grow(log.connection, 1)
    log.keys.path.unlink()
    with pytest.raises(KeyFileError):
        log.sign()
    assert latest(log) is None


def test_the_heads_of_a_size_and_of_a_day(log: Any, superuser: Callable[..., None]) -> None:
    for count in (10, 10, 10):
        log.grow(count)
    # 22:30 UTC in winter is 23:30 in Brussels; half an hour later it is the next day.
    for size, when in ((10, "2024-01-15 22:30Z"), (20, "2024-01-15 23:30Z"), (30, "2024-03-01 12:00Z")):
        superuser(log, f"update ledger.checkpoint set signed_at = '{when}' where size = {size}")
    with log.connection as connection:
        by_day = {
            day: (found.size if (found := checkpoints.last_of_day(connection, day)) else None)
            for day in (date(2024, 1, 14), date(2024, 1, 15), date(2024, 1, 16), date(2024, 2, 1), date(2024, 3, 1))
        }
        assert list(by_day.values()) == [None, 10, 20, 20, 30]
        covering = [checkpoints.covering(connection, size) for size in (0, 1, 10, 11, 30, 31)]
        assert [found and found.size for found in covering] == [10, 10, 10, 20, 30, None]
        before = [checkpoints.before(connection, size) for size in (9, 10, 29)]
        assert [found and found.size for found in before] == [None, 10, 20]
        assert checkpoints.at(connection, 11) is None
        assert checkpoints.covering(connection, 1, "witness.example/none") is None


def test_a_head_that_does_not_follow_is_not_kept(log: Any) -> None:
    log.grow(10)
    for size in (5, 10, 11):
        with pytest.raises(psycopg2.errors.RestrictViolation), log.connection:
            checkpoints.add(log.connection, size, bytes(32), "note")
