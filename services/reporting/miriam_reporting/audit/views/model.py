"""What a view of the ledger is, what is asked of it, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg2.extensions import connection as Connection

# What a cell may hold: an amount of money is a decimal string, a day `YYYY-MM-DD`, and None that there is no such fact.
Cell = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    words  the list of words by which its codes are read aloud; empty where it holds no codes
    brief  whether a terminal shows it; all are in JSON and CSV
    """

    name: str
    words: str = ""
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a view of `edition` as of `as_of` (default: all that is projected), maybe of one CPAS alone.

    code, part   the figure whose events are asked for (view `events`); all where empty
    size, seed   the sample asked for (view `sample`)
    """

    edition: str
    as_of: int | None = None
    cpas: str | None = None
    code: str | None = None
    part: str | None = None
    size: int = 30
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a view as of `position`, and what goes with them (`more`: of the report its figures, and so on)."""

    position: int
    rows: Sequence[tuple[Cell, ...]]
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """One of the ten. `answer` needs a connection outside a transaction, and raises what reports raise."""

    number: int
    name: str
    columns: tuple[Column, ...]
    answer: Callable[[Connection, Question], Answer]


def columns(text: str) -> tuple[Column, ...]:
    """Columns from `name, name=words, name+=words, ...`; `+` marks those that a terminal shows."""
    named = (piece.strip().partition("=") for piece in text.split(","))
    return tuple(Column(name.rstrip("+"), words, name.endswith("+")) for name, _, words in named)


def plain(value: Any) -> Cell:
    """A cell as JSON holds it, from what the database gave."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"no cell of a view: {type(value).__name__}")
