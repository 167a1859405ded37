"""What is not even opened: files too large, archives that swell, macros, entities, forms that are not read here."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from miriam_importer.errors import FileRejected
from miriam_importer.reading.grid import MOST_BYTES

MOST_INFLATED = 128 * 1024 * 1024
MOST_PARTS = 1_000
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_HIDDEN = re.compile(rb"<row [^>]*hidden=\"(?:1|true)\"")
_FORMULA = re.compile(rb"<f[ >/]")
_AS_XLSX = "save it as an Excel workbook (.xlsx) or as CSV, and import that"


@dataclass(frozen=True)
class Inspected:
    """What was seen of a workbook from outside."""

    hidden_rows: int
    formulas: bool


def start_of(path: Path) -> bytes:
    """The first bytes of a file that is small enough to be read.

    Raises:
        FileRejected: it is not there, empty, or too large.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise FileRejected(
                f"the file has {size} bytes; at most {MOST_BYTES} are read", "divide its rows over several files"
            )
        with path.open("rb") as file:
            found = file.read(4)
    except OSError as problem:
        raise FileRejected(f"the file cannot be opened: {type(problem).__name__}", "look at its path") from None
    if not found:
        raise FileRejected("the file is empty", "fill in a template: `miriam import template`")
    return found


def is_workbook(start: bytes) -> bool:
    """Whether a file that starts so is a workbook.

    Raises:
        FileRejected: it is one of the old kind, or locked by a password.
    """
    if start == _OLD_OR_LOCKED:
        raise FileRejected("the workbook is of the old kind (.xls), or locked by a password", _AS_XLSX)
    return start == _ZIP


def inspect(path: Path) -> Inspected:
    """Look into a workbook without opening it as one.

    Raises:
        FileRejected: it is no .xlsx, it holds macros, or it would swell beyond what is read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_INFLATED:
                raise FileRejected(
                    "the workbook is too large once it is unpacked",
                    "copy its rows into a fresh template, without pictures and formatting",
                )
            names = {part.filename.lower() for part in parts}
            if "xl/workbook.xml" not in names:
                raise FileRejected("the file is no Excel workbook", _AS_XLSX)
            if any(name.endswith("vbaproject.bin") for name in names):
                raise FileRejected("the workbook holds macros; such files are not read", _AS_XLSX)
            return _look(archive, parts)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise FileRejected("the workbook is damaged", "open it in the spreadsheet program and save it again") from None


def _look(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Inspected:
    hidden, formulas = 0, False
    for part in parts:
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        # The size that a part claims bounds what is read of it, so the sum above holds.
        content = archive.read(part)
        # UTF-16 differs from ASCII in zeros between the letters only.
        if b"<!doctype" in content.replace(b"\x00", b"").lower():
            raise FileRejected("the workbook declares entities of its own; such files are not read", _AS_XLSX)
        if name == "[content_types].xml" and b"macroenabled" in content.lower():
            raise FileRejected("the workbook is of a kind with macros; such files are not read", _AS_XLSX)
        if name.startswith("xl/worksheets/"):
            hidden += len(_HIDDEN.findall(content))
            formulas = formulas or _FORMULA.search(content) is not None
    return Inspected(hidden, formulas)
