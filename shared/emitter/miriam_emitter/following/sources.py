"""Where followed lines come from: a file that others write, or standard input."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from miriam_emitter.errors import EmitterError
from miriam_emitter.following.lines import Line, Lines

_PIECE = 256 * 1024
_LOOKED_AT = 256
_GRACE = 2.0


class Source(Protocol):
    """Gives the lines that came since it was asked last."""

    ended: bool

    def read(self) -> list[Line]:
        """New lines; empty where there are none yet."""

    def rest(self) -> list[Line]:
        """Now that no more is wanted: the lines that could not be read again."""

    def note(self, line: Line) -> tuple[str, str] | None:
        """What to remember once this line was taken, so that a restart goes on behind it."""


class Stream:
    """Standard input: read by a thread of its own, as nothing else can be done while a read waits."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.ended = False
        self._lines = Lines()
        # Bounded, so that whoever writes waits for us and not our memory for him.
        self._pieces: queue.Queue[bytes | OSError] = queue.Queue(8)
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def read(self) -> list[Line]:
        """New lines; the last one too, where the input ended without a line's end.

        Raises EmitterError where it cannot be read any more: what came before was given.
        """
        try:
            piece = self._pieces.get_nowait()
        except queue.Empty:
            return []
        if isinstance(piece, OSError):
            self.ended = True
            raise EmitterError(
                f"standard input cannot be read any more: {piece.strerror or type(piece).__name__}",
                "send the rest again: what was taken already is kept, and is not sent twice",
            )
        if piece:
            return self._lines.feed(piece)
        self.ended = True
        return self._lines.last()

    def rest(self) -> list[Line]:
        """What was read from the pipe and not given yet; half a line is none."""
        found = []
        while not self.ended and not self._pieces.empty():
            found += self.read()
        return found

    def note(self, line: Line) -> None:
        """Nothing: what was read from a pipe cannot be read again."""
        return

    def _read(self, stream: IO[bytes]) -> None:
        # Whatever is there, and not until a piece is full.
        read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        try:
            while piece := read(_PIECE):
                self._pieces.put(piece)
        except OSError as problem:
            self._pieces.put(problem)
        else:
            self._pieces.put(b"")


class Tail:
    """A file that grows. It may be truncated, written anew, moved away and replaced: then the new one is begun.

    What lies before the place that was reached is looked at again before anything is read behind it: a file that was
    written anew is noticed by that also when it has grown as long as the old one. `anew` hears of each beginning.
    """

    ended = False

    def __init__(self, path: Path, secret: bytes, kept: str, anew: Callable[[str], None]) -> None:
        self._path = path
        self._secret = secret
        self._anew = anew
        self._file: IO[bytes] | None = None
        self._lines = Lines()
        self._before = b""
        self._moved_at: float | None = None
        self._resume = json.loads(kept) if kept else None

    @staticmethod
    def name(path: Path) -> str:
        """Under which name the place in a file is remembered."""
        return f"followed {path.resolve()}"

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self) -> list[Line]:
        """Whole lines that came; of a file that was moved away, at last what stands behind its last line's end."""
        if self._file is None and not self._open():
            return []
        assert self._file is not None
        moved = self._is_moved()
        if not self._is_the_same():
            self._begin("the file was written anew, and is begun from its start")
        self._file.seek(self._lines.read_to)
        piece = self._file.read(_PIECE)
        if piece:
            self._before = (self._before + piece)[-_LOOKED_AT:]
            self._moved_at = None
            return self._lines.feed(piece)
        if not moved:
            self._moved_at = None
        elif self._moved_at is None:
            # Its writer may not know yet that it was moved.
            self._moved_at = time.monotonic()
        elif time.monotonic() - self._moved_at >= _GRACE:
            rest = self._lines.last()
            self.close()
            self._begin("the file was replaced, and the new one is begun")
            return rest
        return []

    def rest(self) -> list[Line]:
        """Nothing: the file stays where it is."""
        return []

    def note(self, line: Line) -> tuple[str, str] | None:
        """The place behind a line: how far, how many lines, and a keyed digest of what stands before it."""
        if self._file is None:
            return None
        place = {"offset": line.end, "line": line.number, "before": self._digest(self._look(line.end))}
        return self.name(self._path), json.dumps(place)

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:
            return False
        kept, self._resume = self._resume, None
        self._moved_at = None
        if kept is not None:
            offset = int(kept["offset"])
            before = self._look(offset)
            if hmac.compare_digest(self._digest(before), str(kept["before"])):
                self._lines = Lines(offset, int(kept["line"]))
                self._before = before
            else:
                self._anew("it is not the file that was followed before, and is begun from its start")
        return True

    def _begin(self, why: str) -> None:
        self._lines = Lines()
        self._before = b""
        self._anew(why)

    def _look(self, end: int) -> bytes:
        assert self._file is not None
        begin = max(end - _LOOKED_AT, 0)
        self._file.seek(begin)
        return self._file.read(end - begin)

    def _is_the_same(self) -> bool:
        return self._look(self._lines.read_to) == self._before

    def _is_moved(self) -> bool:
        assert self._file is not None
        try:
            there = self._path.stat()
        except FileNotFoundError:
            # Moved, and nothing in its place yet: there is time to wait for what its writer adds.
            return False
        return not os.path.samestat(there, os.fstat(self._file.fileno()))

    def _digest(self, text: bytes) -> str:
        # Keyed: the end of a line may hold what a guess could confirm.
        return hmac.digest(self._secret, b"followed\n" + text, hashlib.sha256).hex()
