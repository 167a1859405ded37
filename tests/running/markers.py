"""Planted values, and the search for them in files: in UTF-8 and UTF-16, as they are, in hexadecimal and in base64."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Long enough that no chance makes it, short enough that a compressor leaves it in one piece where it first stands.
_CHUNK = 16 * 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A planted value was found: which, in which form, and where."""

    marker: str
    form: str
    place: str


def forms(marker: str) -> Iterator[tuple[str, bytes]]:
    """The bytes that betray a marker, each with the name of its form."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = marker.encode(encoding)
        yield encoding, plain
        yield f"hex of {encoding}", plain.hex().encode()
        yield f"HEX of {encoding}", plain.hex().upper().encode()
        for shift in range(3):
            # What stands before and after is unknown: only the letters that the marker alone decides are looked for.
            letters = base64.b64encode(b"\0" * shift + plain)
            inner = letters[{0: 0, 1: 2, 2: 3}[shift] : (len(plain) + shift) * 8 // 6]
            yield f"base64 of {encoding}, shifted {shift}", inner
            yield f"base64url of {encoding}, shifted {shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))


def search(content: bytes, place: str, markers: Mapping[str, str]) -> Iterator[Found]:
    """Every form of every marker (name -> value) that stands in `content`."""
    for name, value in markers.items():
        for form, pattern in forms(value):
            if pattern in content:
                yield Found(name, form, place)


def search_files(folders: Iterable[Path], markers: Mapping[str, str]) -> tuple[list[Found], int]:
    """What is found in all files below the folders, and how many bytes were read.

    A file that is gone meanwhile (a log that the server recycled) was not there to be read.
    """
    found: list[Found] = []
    size = 0
    longest = max(len(pattern) for value in markers.values() for _, pattern in forms(value))
    for file in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            with file.open("rb") as opened:
                before = b""
                while chunk := opened.read(_CHUNK):
                    size += len(chunk)
                    found.extend(search(before + chunk, str(file), markers))
                    before = chunk[-longest:]
        except FileNotFoundError:
            continue
    return list(dict.fromkeys(found)), size
