"""A view as CSV, so that a double click opens it in a Belgian spreadsheet."""

import csv
import datetime as dt
import io
from decimal import Decimal

from miriam_platform.times import BRUSSELS
from miriam_reporting.web.explained import in_words
from miriam_reporting.web.exports.carried import Carried
from miriam_reporting.web.view import Cell, Column, Withheld, plain

CONTENT_TYPE = "text/csv; charset=utf-8"
# Spreadsheets take UTF-8 for what it is by this mark alone.
_MARK = "\ufeff"
# A spreadsheet takes a text that begins so for a formula, also by its wide forms: then whoever wrote it would run it.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def written(carried: Carried) -> bytes:
    """RFC 4180 in UTF-8 with a mark: the first table under its headings, the others below, at last what they are of.

    In French, Dutch and German, `;` stands between fields and a comma before decimals; in English, `,` and a point.
    An empty line goes before each further table, which has its title above it, and before what they are of. Every field
    is quoted, for another separator than the expected one must not cut a text in two.
    """
    comma = carried.asked.language != "en"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if comma else ",", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for number, table in enumerate(carried.view.tables):
        if number:
            text.write("\r\n")
            writer.writerow([_safe(table.title)])
        writer.writerow([_safe(heading(each)) for each in table.columns])
        for row in table.rows:
            writer.writerow([_field(row.get(each.key), carried, comma=comma) for each in table.columns])
    text.write("\r\n")
    writer.writerows([_safe(name), _safe(value)] for name, value in carried.lines)
    _ = carried.asked._
    for each in carried.figures:
        name = each.names[carried.asked.language]
        writer.writerow([each.code, _safe(name), _safe(in_words(each, carried.asked))])
    return (_MARK + text.getvalue()).encode()


def heading(column: Column) -> str:
    """What stands above a column: its title, and in brackets its unit where it has one."""
    unit = column.unit or {"percent": "%", "money": "EUR"}.get(column.kind, "")
    return column.title if not unit or unit in column.title else f"{column.title} ({unit})"


def _field(cell: Cell, carried: Carried, *, comma: bool) -> str:
    value, _ = plain(cell), carried.asked._
    if value is None:
        return ""
    if isinstance(value, Withheld):
        return _("withheld")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",") if comma else f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.astimezone(BRUSSELS).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else _safe(value)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
