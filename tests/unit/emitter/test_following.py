"""A file that grows gives whole lines, each once, whatever is done to the file."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miriam_emitter.errors import EmitterError
from miriam_emitter.following import sources
from miriam_emitter.following.lines import MOST_BYTES, Line, Lines
from miriam_emitter.following.sources import Stream, Tail

SECRET = b"s" * 32


class Reading:
    """A tail, what it said, and a file to do things to."""

    def __init__(self, path: Path, kept: str = "") -> None:
        self.path = path
        self.said: list[str] = []
        self.tail = Tail(path, SECRET, kept, self.said.append)
        self.last: Line | None = None

    def texts(self) -> list[bytes | None]:
        found = []
        while lines := self.tail.read():
            self.last = lines[-1]
            found += [line.text for line in lines]
        return found

    def again(self) -> Reading:
        """As after a restart."""
        assert self.last is not None
        note = self.tail.note(self.last)
        assert note is not None
        self.tail.close()
        return Reading(self.path, note[1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def add(path: Path, text: bytes) -> None:
    with path.open("ab") as out:
        out.write(text)


@given(pieces=st.lists(st.binary(max_size=12).map(lambda text: text.replace(b"x", b"\n")), max_size=12))
def test_lines_are_the_same_however_the_file_is_cut_into_pieces(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    lines = Lines()
    found = [line for piece in pieces for line in lines.feed(piece)] + lines.last()
    expected = whole.split(b"\n")
    assert [line.text for line in found] == (expected if expected[-1] else expected[:-1])
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    ends = [line.end for line in found]
    assert all(whole[:end].endswith(b"\n") or end == len(whole) for end in ends)


def test_a_line_without_end_is_held_to_a_bound_and_told_as_too_long() -> None:
    lines = Lines()
    for _ in range(40):
        assert lines.feed(b"x" * 100_000) == []
        assert len(lines._half) <= MOST_BYTES
    (long, short) = lines.feed(b"\nshort\n")
    assert (long.text, long.number) == (None, 1)
    assert (short.text, short.number, short.end) == (b"short", 2, 4_000_007)


def test_a_half_line_waits_for_its_end(file: Path) -> None:
    add(file, b"one\ntw")
    reading = Reading(file)
    assert reading.texts() == [b"one"]
    add(file, b"o")
    assert reading.texts() == []
    add(file, b"\n")
    assert reading.texts() == [b"two"]


def test_a_restart_goes_on_behind_the_last_line_taken(file: Path) -> None:
    add(file, b"one\ntwo\nthr")
    reading = Reading(file)
    assert reading.texts() == [b"one", b"two"]
    after = reading.again()
    add(file, b"ee\n")
    assert after.texts() == [b"three"]
    assert after.last is not None
    assert after.last.number == 3
    assert after.said == []


def test_what_is_remembered_of_a_file_tells_nothing_of_its_lines(file: Path) -> None:
    add(file, b"Marie-Zephyrine\n")
    reading = Reading(file)
    reading.texts()
    assert reading.last is not None
    assert "Marie" not in str(reading.tail.note(reading.last))


@pytest.mark.parametrize("more", [b"", b"and much more than there was before\n"], ids=["shorter", "longer"])
def test_a_truncated_file_is_begun_again_even_when_it_has_grown_since(file: Path, more: bytes) -> None:
    add(file, b"one\ntwo\nthree\n")
    reading = Reading(file)
    reading.texts()
    file.write_bytes(b"four\n" + more)
    assert reading.texts() == [line for line in (b"four", more.strip()) if line]
    assert "written anew" in reading.said[0]


def test_another_file_after_a_restart_is_begun_from_its_start_and_that_is_said(file: Path) -> None:
    add(file, b"one\ntwo\n")
    reading = Reading(file)
    reading.texts()
    after = reading.again()
    file.write_bytes(b"uno\ndue\ntre\n")
    assert after.texts() == [b"uno", b"due", b"tre"]
    assert "not the file that was followed" in after.said[0]


def test_a_rotated_file_is_read_to_its_end_and_then_the_new_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_GRACE", 0.1)
    add(file, b"one\n")
    reading = Reading(file)
    assert reading.texts() == [b"one"]
    old = file.with_suffix(".1")
    file.rename(old)
    add(old, b"two\n")
    assert reading.texts() == [b"two"], "nothing is in its place yet"
    add(file, b"four\n")
    add(old, b"three")  # its writer has not noticed
    found: list[Any] = []
    deadline = time.monotonic() + 5
    while len(found) < 2 and time.monotonic() < deadline:
        found += reading.texts()
    assert found == [b"three", b"four"]
    assert reading.said == ["the file was replaced, and the new one is begun"]


def test_a_file_that_is_not_there_yet_is_waited_for(file: Path) -> None:
    reading = Reading(file)
    assert reading.texts() == []
    add(file, b"one\n")
    assert reading.texts() == [b"one"]


def test_standard_input_ends_and_its_last_line_needs_no_end() -> None:
    stream = Stream(io.BytesIO(b"one\ntwo"))
    found: list[Any] = []
    deadline = time.monotonic() + 5
    while not stream.ended and time.monotonic() < deadline:
        found += [line.text for line in stream.read()]
    assert found == [b"one", b"two"]


def test_an_input_that_cannot_be_read_any_more_is_said_and_not_waited_for() -> None:
    def read_on(stream: Stream) -> None:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            stream.read()

    with Path("/proc/self/mem").open("rb") as unreadable:
        stream = Stream(unreadable)
        with pytest.raises(EmitterError, match="cannot be read any more"):
            read_on(stream)


def test_what_was_read_from_a_pipe_is_given_before_the_end() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as readable, os.fdopen(writer, "wb") as writable:
        stream = Stream(readable)
        writable.write(b"one\ntwo\nha")
        writable.flush()
        deadline = time.monotonic() + 5
        found: list[Any] = []
        while not found and time.monotonic() < deadline:
            found += [line.text for line in stream.rest()]
        assert found == [b"one", b"two"]
        assert not stream.ended
        writable.close()
