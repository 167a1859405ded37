"""What a page shows, said once: the page's tables, and every export of it, are made from the same View."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["text", "code", "number", "decimal", "percent", "money", "date", "moment", "id", "flag"]


@dataclass(frozen=True, slots=True)
class Withheld:
    """In the place of a number that is not shown, so that nobody can be recognised by it."""


WITHHELD = Withheld()


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to another page; exports write its value alone."""

    value: "Plain"
    href: str


Plain = str | int | Decimal | bool | dt.date | dt.datetime | Withheld | None
Cell = Plain | Link


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `kind` says how a cell is written; `unit` is told in the heading where it is not in the title.

    number: int. decimal: Decimal, as many decimals as it has. percent: Decimal of a hundred. money: Decimal, euros.
    code, id: text set in a fixed width. flag: bool, written yes or no.
    """

    key: str
    title: str
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; a row lacks a key where it has nothing there. `note` is said below it."""

    code: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A page's content as tables. All texts are in the reader's language already.

    `position` is the ledger's position that the content is of; `checkpoint` names the tree's head there (origin, size,
    root); `definitions` by what figures were computed: `current`, or the report that fixed them. `figures` are
    codes of indicators that it is about although they stand in no cell of kind `code`: an export defines those too.
    """

    code: str
    title: str
    tables: Sequence[Table]
    edition: str | None = None
    position: int | None = None
    as_of: str | None = None
    checkpoint: Mapping[str, object] | None = None
    definitions: str | None = None
    figures: Sequence[str] = ()

    @property
    def rows(self) -> int:
        """How many rows are shown."""
        return sum(len(table.rows) for table in self.tables)


def plain(cell: Cell) -> Plain:
    """What a cell holds, without its link."""
    return cell.value if isinstance(cell, Link) else cell
