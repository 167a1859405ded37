"""A view as a workbook: a sheet a table with typed cells, a sheet of definitions, a sheet of what it is of."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from miriam_platform.times import BRUSSELS
from miriam_reporting.reports.words import word
from miriam_reporting.web.explained import in_words
from miriam_reporting.web.exports.as_csv import heading
from miriam_reporting.web.exports.carried import Carried
from miriam_reporting.web.view import Cell, Column, Table, Withheld, plain

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The same view gives the same bytes: no file in the workbook has a date of its own.
_ALWAYS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_HEAD = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="173F5F")
_WITHHELD = Font(italic=True, color="4A5666")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_FORBIDDEN_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# What XML cannot hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST_TITLE, _LONGEST_TEXT = 31, 32_767
_NARROWEST, _WIDEST, _MEASURED = 8, 60, 500


def written(carried: Carried) -> bytes:
    """The workbook; the same view gives the same bytes. A withheld number is the word: no sum takes it for a zero."""
    _ = carried.asked._
    book = Workbook(write_only=True)
    book.properties.title = carried.view.title
    book.properties.creator = "Miriam"
    book.properties.created = book.properties.modified = _ALWAYS
    names = _names([*(each.title for each in carried.view.tables), _("Definitions"), _("About")])
    for table in carried.view.tables:
        _table(book.create_sheet(next(names)), table, carried)
    _table(book.create_sheet(next(names)), _definitions(carried), carried)
    _about(book.create_sheet(next(names)), carried)
    content = io.BytesIO()
    # `Workbook.save` would write the time of day.
    ExcelWriter(book, zipfile.ZipFile(content, "w")).save()
    return _dateless(content.getvalue())


def _table(sheet: Any, table: Table, carried: Carried) -> None:
    titles = [_moment_told(each) for each in table.columns]
    sheet.freeze_panes = "A2"
    if table.columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"
    for number, (column, title) in enumerate(zip(table.columns, titles, strict=True), 1):
        texts = (str(plain(row.get(column.key)) or "") for row in table.rows[:_MEASURED])
        sheet.column_dimensions[get_column_letter(number)].width = _width([title, *texts])
    sheet.append([_head(sheet, title) for title in titles])
    for row in table.rows:
        sheet.append([_cell(sheet, row.get(each.key), each, carried) for each in table.columns])


def _about(sheet: Any, carried: Carried) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 36, 80
    for name, value in carried.lines:
        told = _text(sheet, value)
        told.alignment = _WRAPPED
        sheet.append([_head(sheet, name), told])


def _definitions(carried: Carried) -> Table:
    _, language = carried.asked._, carried.asked.language
    columns = [
        Column("code", _("Code"), "code"),
        Column("figure", _("Figure")),
        Column("unit", _("Unit")),
        Column("words", _("What it counts")),
        Column("rule", _("Counting rule")),
        Column("source", _("Where it comes from (in English)")),
        Column("version", _("Version"), "number"),
        Column("digest", _("Definition: SHA-256"), "id"),
    ]
    rows: list[dict[str, Cell]] = [
        {
            "code": each.code,
            "figure": each.names[language],
            "unit": ", ".join(dict.fromkeys(word(language, "unit", part.unit) for part in each.sections)),
            "words": in_words(each, carried.asked),
            "rule": _(each.rule),
            "source": each.source,
            "version": each.version,
            "digest": carried.definitions.digest_of(each.code),
        }
        for each in carried.figures
    ]
    return Table("definitions", _("Definitions"), columns, rows)


def _cell(sheet: Any, cell: Cell, column: Column, carried: Carried) -> Any:
    value = plain(cell)
    if isinstance(value, Withheld):
        told = _text(sheet, carried.asked._("withheld"))
        told.font = _WITHHELD
        told.alignment = Alignment(horizontal="right")
        return told
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, bool) or value is None:
        return WriteOnlyCell(sheet, value)
    if isinstance(value, dt.datetime):
        typed = WriteOnlyCell(sheet, value.astimezone(BRUSSELS).replace(tzinfo=None))
        typed.number_format = "yyyy-mm-dd hh:mm:ss"
        return typed
    if column.kind == "percent" and isinstance(value, int | Decimal):
        typed = _typed(sheet, Decimal(value) / 100)
        typed.number_format = "0%" if isinstance(value, int) else "0.0%"
        return typed
    typed = _typed(sheet, value)
    typed.number_format = _number_format(value, column)
    return typed


def _number_format(value: int | Decimal | dt.date, column: Column) -> str:
    if isinstance(value, dt.date):
        return "yyyy-mm-dd"
    if column.kind == "money":
        return '#,##0.00 "€"'
    decimals = max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) else 0
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _typed(sheet: Any, value: Any) -> Any:
    # Numbers may be decimals, which the package's types do not know.
    return WriteOnlyCell(sheet, value)


def _text(sheet: Any, text: str) -> Any:
    """A text that is nothing but a text: never a formula, whatever it begins with."""
    cell = WriteOnlyCell(sheet, _CONTROL.sub("\ufffd", text)[:_LONGEST_TEXT])
    cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    return cell


def _head(sheet: Any, text: str) -> Any:
    cell = _text(sheet, text)
    cell.font, cell.fill, cell.alignment = _HEAD, _HEAD_FILL, _WRAPPED
    return cell


def _moment_told(column: Column) -> str:
    return f"{heading(column)} (Europe/Brussels)" if column.kind == "moment" else heading(column)


def _width(texts: Sequence[str]) -> int:
    longest = max((len(line) for text in texts for line in text.splitlines()), default=0)
    return min(_WIDEST, max(_NARROWEST, longest + 3))


def _names(titles: Iterable[str]) -> Iterator[str]:
    """Titles as sheets may be called: 31 characters, none of those that are forbidden, each once."""
    used: set[str] = set()
    for title in titles:
        plain_title = _FORBIDDEN_IN_TITLES.sub(" ", title).strip(" '") or "-"
        name, number = _short(plain_title), 1
        while name.casefold() in used:
            number += 1
            end = f" ({number})"
            name = plain_title[: _LONGEST_TITLE - len(end)] + end
        used.add(name.casefold())
        yield name


def _short(title: str) -> str:
    """As much of a title as a sheet's name holds: whole words, where it has any so short."""
    if len(title) <= _LONGEST_TITLE:
        return title
    words = title[:_LONGEST_TITLE].rpartition(" ")[0].rstrip(" ,·–")
    return f"{words}…" if words else title[:_LONGEST_TITLE]


def _dateless(archive: bytes) -> bytes:
    """The same zip file, compressed, with one date for all files in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return content.getvalue()
