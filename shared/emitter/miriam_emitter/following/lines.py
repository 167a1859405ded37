"""From pieces of a file, as they come, to whole lines."""

from __future__ import annotations

from dataclasses import dataclass

MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One whole line. `text` is None where it was too long to be an event; `end` is where the next one begins."""

    number: int
    text: bytes | None
    end: int


class Lines:
    """Cuts what it is fed into lines, numbered from `number` + 1; what follows the last line's end waits for its own.

    It holds one line of at most MOST_BYTES, however long a line without end grows.
    """

    def __init__(self, offset: int = 0, number: int = 0) -> None:
        self.read_to = offset
        self._number = number
        self._half = bytearray()
        self._too_long = False

    def feed(self, piece: bytes) -> list[Line]:
        """The lines that end in this piece."""
        found = []
        begin = 0
        while (end := piece.find(b"\n", begin)) >= 0:
            self._keep(piece[begin:end])
            begin = end + 1
            found.append(self._whole(self.read_to + begin))
        self._keep(piece[begin:])
        self.read_to += len(piece)
        return found

    def last(self) -> list[Line]:
        """The line that has no end, now that none will come; empty where there is none."""
        return [self._whole(self.read_to)] if self._half or self._too_long else []

    def _keep(self, part: bytes) -> None:
        if len(self._half) + len(part) > MOST_BYTES:
            self._too_long = True
        if self._too_long:
            self._half.clear()
        else:
            self._half += part

    def _whole(self, end: int) -> Line:
        self._number += 1
        made = Line(self._number, None if self._too_long else bytes(self._half), end)
        self._half.clear()
        self._too_long = False
        return made
