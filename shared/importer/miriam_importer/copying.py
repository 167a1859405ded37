"""The copy of a sheet with the answers beside its rows. It can be mended and imported in its turn."""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from miriam_importer import words
from miriam_importer.answering import BAD, CALM, GOOD, WAITING, Answer
from miriam_importer.errors import FileRejected
from miriam_importer.reading.table import Table
from miriam_importer.sheets.model import ANSWERS

_COLOURS = {GOOD: "C6E5C3", CALM: "E4E7EA", WAITING: "FCE8B2", BAD: "F6C7C3"}
_WIDTHS = {"status": 26, "number": 20, "why": 80}
_NUMBERED = re.compile(r"(.*)\.answers(?:-(\d+))?")


def write(table: Table, answers: Mapping[int, Answer], language: str) -> Path:
    """Write the copy beside the file, for its owner alone to read; where it lies. No file is ever written over.

    Raises:
        FileRejected: the folder cannot be written to.
    """
    content = _workbook(table, answers, language) if not table.delimiter else _text(table, answers, language)
    return _beside(table.path, content, ".csv" if table.delimiter else ".xlsx")


def _places(table: Table) -> dict[str, int]:
    """Where the columns of answers stand: at their old places, or behind the last column."""
    free = iter(range(table.width, table.width + len(ANSWERS)))
    return {key: table.answers.get(key, -1) if key in table.answers else next(free) for key in ANSWERS}


def _workbook(table: Table, answers: Mapping[int, Answer], language: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Values, not formulas: what was computed would be lost, since nothing here computes it anew.
        book = load_workbook(table.path, data_only=True, keep_links=False)
    sheet = book[table.title]
    for number, (key, place) in enumerate(_places(table).items()):
        column = place + 1
        head = sheet.cell(table.heading_row, column, words.heading(key, language))
        head.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[key]
        for row, _ in table.rows:
            answer = answers.get(row)
            cell = sheet.cell(row, column)
            cell.value = answer.cells(language)[number] or None if answer else None
            if answer:
                if cell.value is not None:
                    # Text, whatever it begins with: an answer is never a formula.
                    cell.data_type = "s"
                cell.fill = PatternFill("solid", fgColor=_COLOURS[answer.tone])
                cell.alignment = Alignment(vertical="top", wrap_text=key == "why")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(table: Table, answers: Mapping[int, Answer], language: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=table.delimiter)
    places = _places(table)
    width = max(table.width, *(place + 1 for place in places.values()))
    for number, row in enumerate(table.grid, 1):
        cells: list[object] = [*("" if cell is None else cell for cell in row)]
        cells += [""] * (width - len(cells))
        answer = answers.get(number)
        for at, (key, place) in enumerate(places.items()):
            if number == table.heading_row:
                cells[place] = words.heading(key, language)
            else:
                cells[place] = answer.cells(language)[at] if answer else ""
        writer.writerow(cells)
    return out.getvalue().encode("utf-8-sig")


def _beside(path: Path, content: bytes, suffix: str) -> Path:
    match = _NUMBERED.fullmatch(path.stem)
    stem, number = (match[1], int(match[2] or 1) + 1) if match else (path.stem, 1)
    while True:
        place = path.with_name(f"{stem}.answers{f'-{number}' if number > 1 else ''}{suffix}")
        try:
            # Names and numbers of women stand in it.
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            continue
        except OSError as problem:
            raise FileRejected(
                f"the answers cannot be written beside the file: {type(problem).__name__}",
                "make its folder writable; the receipts are kept, and the file can be imported again",
            ) from None
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return place
