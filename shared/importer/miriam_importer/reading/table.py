"""A table: which sheet a file is, where its headings stand, and which column each heading names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from miriam_contracts.problems import LANGUAGES
from miriam_importer import words
from miriam_importer.errors import FileRejected
from miriam_importer.reading.delimited import read_delimited
from miriam_importer.reading.grid import MOST_ROWS, Book, Grid, Row, is_empty
from miriam_importer.reading.guard import is_workbook, start_of
from miriam_importer.reading.xlsx import read_workbook
from miriam_importer.sheets import SHEETS, Sheet
from miriam_importer.sheets.model import ANSWERS, OWN

_HEADING_ROOM = 20
_FEWEST_HEADINGS = 2


@dataclass(frozen=True)
class Table:
    """A sheet that was read.

    `columns` gives the place of each column by its key; `rows` holds those in which something stands, by their number
    in the spreadsheet program; `grid` is all of the sheet. `heading_row` is the number of the row of headings, `width`
    how many columns stand there, `answers` where those of an earlier answer are, `ignored` the headings that name no
    column. `project` is what the template remembers.
    """

    path: Path
    form: str
    sheet: Sheet
    language: str
    title: str
    heading_row: int
    width: int
    columns: Mapping[str, int]
    rows: Sequence[tuple[int, Row]]
    grid: Sequence[Row]
    answers: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    hidden_rows: int = 0
    project: str = ""
    delimiter: str = ""


def read(path: Path, kind: str = "") -> Table:
    """The table in a file: a workbook, or CSV. `kind` says which sheet it is, where the file does not.

    Raises:
        FileRejected: it cannot be read, or its headings are of no sheet, or of several.
    """
    book = read_workbook(path) if is_workbook(start_of(path)) else read_delimited(path, _most_headings)
    wanted = kind or book.about.get("kind", "")
    if wanted and wanted not in SHEETS:
        raise FileRejected(f"there is no sheet of the kind {wanted!r}", f"one of {', '.join(SHEETS)}")
    best: tuple[int, Grid, int] | None = None
    for grid in book.grids:
        for place, row in enumerate(grid.rows[:_HEADING_ROOM]):
            score = _headings(row, SHEETS[wanted]) if wanted else _most_headings(row)
            if score >= _FEWEST_HEADINGS and (best is None or score > best[0]):
                best = score, grid, place
    if best is None:
        raise FileRejected(
            "no row of headings was found", "fill in a template (`miriam import template`), or keep its headings"
        )
    _, grid, place = best
    return _table(path, book, grid, place, SHEETS[wanted] if wanted else _which(grid.rows[place]))


def _table(path: Path, book: Book, grid: Grid, place: int, sheet: Sheet) -> Table:
    columns: dict[str, int] = {}
    answers: dict[str, int] = {}
    ignored = []
    known = _known(sheet)
    heads = grid.rows[place]
    for at, head in enumerate(heads):
        if not isinstance(head, str) or not head.strip():
            continue
        key = known.get(words.fold(head))
        if key is None:
            ignored.append(head.strip())
        elif key in columns or key in answers:
            raise FileRejected(f"two columns are headed “{head.strip()}”", "remove one of them")
        else:
            (answers if key in ANSWERS else columns)[key] = at
    language = book.about.get("language") or _language(heads, sheet)
    # A project may be told beside the file; what no row can do without must have its column.
    missing = [c.heading(language) for c in sheet.columns if c.needed_by == sheet.facts and c.key not in columns]
    missing = [each for each in missing if each != words.heading("project", language)]
    if missing:
        raise FileRejected(f"columns are missing: {', '.join(missing)}", "add them, headed so, or take a new template")
    mine = [*columns.values()]
    rows = [
        (number, row)
        for number, row in enumerate(grid.rows[place + 1 :], place + 2)
        if not is_empty(tuple(row[at] for at in mine if at < len(row)))
    ]
    if len(rows) > MOST_ROWS:
        raise FileRejected(f"the sheet has more than {MOST_ROWS} rows", "divide its rows over several files")
    return Table(
        path=path,
        form=book.form,
        sheet=sheet,
        language=language if language in LANGUAGES else "en",
        title=grid.title,
        heading_row=place + 1,
        width=1 + max((at for at, head in enumerate(heads) if head is not None), default=0),
        columns=columns,
        rows=rows,
        grid=grid.rows,
        answers=answers,
        ignored=tuple(ignored),
        hidden_rows=book.hidden_rows,
        project=book.about.get("project", ""),
        delimiter=book.delimiter,
    )


def _known(sheet: Sheet) -> dict[str, str]:
    """Folded heading, in any language, or folded key -> the key."""
    keys = (*(column.key for column in sheet.columns), *ANSWERS)
    return {words.fold(each): key for key in keys for each in (key, *words.data("headings")[key].values())}


def _headings(row: Sequence[object], sheet: Sheet) -> int:
    known = _known(sheet)
    return len({known[head] for head in _folded(row) if head in known} - {*ANSWERS, *OWN})


def _most_headings(row: Sequence[object]) -> int:
    return max(_headings(row, sheet) for sheet in SHEETS.values())


def _folded(row: Sequence[object]) -> list[str]:
    return [words.fold(head) for head in row if isinstance(head, str)]


def _which(row: Sequence[object]) -> Sheet:
    """The sheet whose headings these are: every column that no row can do without is there."""
    heads = set(_folded(row))
    found: list[tuple[int, Sheet]] = []
    for sheet in SHEETS.values():
        known = _known(sheet)
        there = {known[head] for head in heads if head in known}
        needed = {column.key for column in sheet.columns if column.needed_by == sheet.facts} - {"project"}
        if needed <= there:
            found.append((len(there), sheet))
    most = max((count for count, _ in found), default=0)
    best = [sheet for count, sheet in found if count == most]
    if len(best) != 1:
        among = ", ".join(sheet.kind for sheet in best or SHEETS.values())
        raise FileRejected("the headings do not say which sheet it is", f"give --kind, one of {among}")
    return best[0]


def _language(row: Sequence[object], sheet: Sheet) -> str:
    """The language in which most headings are written."""
    heads = set(_folded(row))
    counts: Counter[str] = Counter()
    for column in sheet.columns:
        for language in LANGUAGES:
            counts[language] += words.fold(column.heading(language)) in heads
    return max(LANGUAGES, key=lambda language: counts[language])
