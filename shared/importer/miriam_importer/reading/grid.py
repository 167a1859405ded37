"""What both forms of file come down to: grids of cells, and what a template remembers of itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_BYTES = 20 * 1024 * 1024


class Broken(Enum):
    """A cell whose value is not in the file."""

    FORMULA = "formula"  # never computed
    ERROR = "error"  # computed to an error


@dataclass(frozen=True, slots=True)
class Serial:
    """A number of a workbook, which in a column of dates is the day that it stands for (None: no day)."""

    number: int | float
    day: dt.date | None


Raw = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | Serial | Broken | None
Row = tuple[Raw, ...]


@dataclass(frozen=True)
class Grid:
    """A sheet as it stands in the file: `rows` from its first row on, empty ones included."""

    title: str
    rows: list[Row]


@dataclass
class Book:
    """A file. `form` says in words how it was read; `about` is what a template remembers: kind, language, project."""

    form: str
    grids: Iterator[Grid]
    about: dict[str, str] = field(default_factory=dict)
    hidden_rows: int = 0
    delimiter: str = ""


def is_empty(row: Row) -> bool:
    """Whether nothing stands in a row."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)
