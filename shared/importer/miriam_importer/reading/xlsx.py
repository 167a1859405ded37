"""Workbooks: values as the spreadsheet program last computed them, dates as days, percentages as people see them."""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel

from miriam_importer.errors import FileRejected
from miriam_importer.reading.grid import MOST_COLUMNS, MOST_ROWS, Book, Broken, Grid, Raw, Row, Serial
from miriam_importer.reading.guard import inspect

ABOUT_SHEET = "miriam"
ABOUT_MARK = "miriam-import"
_DAMAGED = "open it in the spreadsheet program, save it as .xlsx, and import that"
_HEADING_ROOM = 20


def read_workbook(path: Path) -> Book:
    """The visible sheets of a workbook, and what its template remembers.

    Raises:
        FileRejected: it cannot be read, or a sheet has more rows than are read; also while the grids are gone through.
    """
    seen = inspect(path)
    opened = _open(path, values=True)
    formulas = _open(path, values=False) if seen.formulas else None
    return Book("XLSX", _grids(opened, formulas), _about(opened), seen.hidden_rows)


def _open(path: Path, *, values: bool) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(path, read_only=True, data_only=values, keep_links=False)
    # openpyxl has no error of its own for a broken workbook: whatever it stumbles over, the file cannot be read.
    except Exception as problem:
        raise FileRejected(f"the workbook cannot be read: {type(problem).__name__}", _DAMAGED) from None


def _about(opened: Any) -> dict[str, str]:
    if ABOUT_SHEET not in opened.sheetnames:
        return {}
    pairs = {
        str(name): str(value)
        for name, value in opened[ABOUT_SHEET].iter_rows(max_row=8, max_col=2, values_only=True)
        if name is not None and value is not None
    }
    return pairs if ABOUT_MARK in pairs else {}


def _grids(opened: Any, formulas: Any) -> Iterator[Grid]:
    try:
        yield from _each(opened, formulas)
    finally:
        for book in filter(None, (opened, formulas)):
            book.close()


def _each(opened: Any, formulas: Any) -> Iterator[Grid]:
    for sheet in opened.worksheets:
        if sheet.sheet_state != "visible":
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield Grid(sheet.title, _rows(sheet, formulas and formulas[sheet.title], opened.epoch))
        except FileRejected:
            raise
        except Exception as problem:
            raise FileRejected(f"the workbook cannot be read: {type(problem).__name__}", _DAMAGED) from None


def _rows(sheet: Any, formulas: Any, epoch: dt.datetime) -> list[Row]:
    limit = MOST_ROWS + _HEADING_ROOM
    found = [
        _trimmed(_value(cell, epoch) for cell in cells)
        for cells in sheet.iter_rows(max_row=limit + 1, max_col=MOST_COLUMNS)
    ]
    if formulas is not None:
        _mark_uncomputed(found, formulas, limit)
    while found and not found[-1]:
        found.pop()
    if len(found) > limit:
        raise FileRejected(f"the sheet has more than {MOST_ROWS} rows", "divide its rows over several files")
    return found


def _trimmed(cells: Iterable[Raw]) -> Row:
    row = list(cells)
    while row and row[-1] is None:
        row.pop()
    return tuple(row)


def _mark_uncomputed(found: list[Row], formulas: Any, limit: int) -> None:
    """Mark the cells that hold a formula and no value: to take them for empty would be to drop what she wrote."""
    for number, cells in enumerate(formulas.iter_rows(max_row=limit, max_col=MOST_COLUMNS)):
        places = [place for place, cell in enumerate(cells) if cell.data_type == "f"]
        if not places:
            continue
        row = [*(found[number] if number < len(found) else ())]
        row += [None] * (max(places) + 1 - len(row))
        for place in places:
            if row[place] is None:
                row[place] = Broken.FORMULA
        found += [()] * (number + 1 - len(found))
        found[number] = tuple(row)


def _value(cell: Any, epoch: dt.datetime) -> Raw:
    value: Any = cell.value
    if value is not None and cell.data_type == "e":
        return Broken.ERROR
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        kept: Raw = value
        return kept
    if not math.isfinite(value):
        return Broken.ERROR
    if "%" in (cell.number_format or ""):
        # 0.5 shown as 50 %: what she sees is what she means. Rounded away is the noise of binary fractions alone.
        return round(value * 100, 9)
    return Serial(value, _day(value, epoch))


def _day(number: float, epoch: dt.datetime) -> dt.date | None:
    try:
        found = from_excel(number, epoch)
    except (ValueError, OverflowError, TypeError):
        return None
    return found.date() if isinstance(found, dt.datetime) else None
