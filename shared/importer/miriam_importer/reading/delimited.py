"""CSV as spreadsheet programs write it: semicolons, commas or tabs; UTF-8 with or without mark, or Windows-1252."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from miriam_importer.errors import FileRejected
from miriam_importer.reading.grid import MOST_COLUMNS, MOST_ROWS, Book, Grid, Row

DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs"}
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with mark"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_LOOKED_AT = 20
_NOT_READ = "save it from the spreadsheet program as CSV UTF-8, or as .xlsx, and import that"

# How many headings of a sheet a row holds.
Score = Callable[[Sequence[object]], int]


def read_delimited(path: Path, score: Score) -> Book:
    """The one grid of a CSV file. The delimiter is the one by which most headings are known.

    Raises:
        FileRejected: it is no text, or has too many rows.
    """
    text, encoding = _decode(path.read_bytes())
    declared, text = _declared(text)
    delimiter = declared or max(
        DELIMITERS, key=lambda each: max(map(score, _records(text, each, _LOOKED_AT)), default=0)
    )
    rows = _records(text, delimiter, MOST_ROWS + _LOOKED_AT + 1)
    if len(rows) > MOST_ROWS + _LOOKED_AT:
        raise FileRejected(f"the file has more than {MOST_ROWS} rows", "divide its rows over several files")
    form = f"CSV, {DELIMITERS.get(delimiter, repr(delimiter))}, {encoding}"
    return Book(form, iter([Grid(path.name, rows)]), delimiter=delimiter)


def _most(text: str, delimiter: str, score: Score) -> int:
    try:
        return max(map(score, _records(text, delimiter, _LOOKED_AT)), default=0)
    except FileRejected:
        return 0


def _decode(content: bytes) -> tuple[str, str]:
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(codec), name
            except UnicodeDecodeError:
                raise FileRejected(f"the file is marked as {name} and is not", _NOT_READ) from None
    if b"\x00" in content:
        raise FileRejected("the file is neither a workbook nor text", _NOT_READ)
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _declared(text: str) -> tuple[str, str]:
    """The delimiter that Excel's own first line names (`sep=;`), and the text behind that line."""
    first, _, rest = text.partition("\n")
    first = first.strip().strip('"')
    if len(first) == 5 and first.lower().startswith("sep=") and first[4] in DELIMITERS:
        return first[4], rest
    return "", text


def _records(text: str, delimiter: str, most: int) -> list[Row]:
    found: list[Row] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            found.append(tuple(cell or None for cell in record[:MOST_COLUMNS]))
            if len(found) == most:
                break
    except csv.Error as problem:
        raise FileRejected(f"row {len(found) + 1} cannot be read: {problem}", _NOT_READ) from None
    while found and not any(found[-1]):
        found.pop()
    return found
