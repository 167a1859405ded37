"""A template as a workbook: headings, lists to choose from, bounds, explanations; and what it remembers of itself."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from miriam_importer import words
from miriam_importer.reading.grid import MOST_ROWS
from miriam_importer.reading.xlsx import ABOUT_MARK, ABOUT_SHEET
from miriam_importer.sheets import Column, Sheet
from miriam_importer.sheets.model import OWN
from miriam_importer.template.explanations import explain, limits, when

VERSION = "1"
DATE_FORMAT = "dd/mm/yyyy"
_TEXT_FORMAT = "@"
_LISTS_FROM = 4  # the first columns of the hidden sheet hold what the template remembers
_HEADING = PatternFill("solid", fgColor="D9E6F2")
_OF_OURS = PatternFill("solid", fgColor="ECECEC")
_MOST_PROMPT = 250


def workbook(sheet: Sheet, language: str, project: str = "") -> bytes:
    """The template of a sheet. `project`, where given, is that of every row whose column is left empty."""
    book = Workbook()
    main: Any = book.active
    main.title = words.title(sheet.kind, language)
    explain(book.create_sheet(words.said("explanations", language)), sheet, language)
    hidden = book.create_sheet(ABOUT_SHEET)
    hidden.sheet_state = "veryHidden"
    about = {ABOUT_MARK: VERSION, "kind": sheet.kind, "language": language, "project": project}
    for row, pair in enumerate(about.items(), 1):
        for column, text in enumerate(pair, 1):
            hidden.cell(row, column, text or None)
    main.freeze_panes = "A2"
    for place, each in enumerate(sheet.columns, 1):
        _column(main, hidden, place, each, sheet, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _column(main: Any, hidden: Any, place: int, column: Column, sheet: Sheet, language: str) -> None:
    letter = get_column_letter(place)
    heading = column.heading(language)
    head = main.cell(1, place, heading)
    head.font = Font(bold=True, italic=column.key in OWN)
    head.fill = _OF_OURS if column.key in OWN else _HEADING
    head.alignment = Alignment(wrap_text=True, vertical="top")
    width = max([12, len(heading) + 3, *(len(each) + 2 for each in column.choice(language))])
    main.column_dimensions[letter].width = 40 if column.kind == "text" and column.highest > 200 else min(width, 44)
    # Ids are texts: 014 stays 014. An empty cell takes the format of its column.
    formats = {"date": DATE_FORMAT, "own_id": _TEXT_FORMAT, "other_id": _TEXT_FORMAT, "niss": _TEXT_FORMAT}
    if column.kind in formats:
        main.column_dimensions[letter].number_format = formats[column.kind]
    rule = _validation(hidden, place, column, language)
    rule.allowBlank = True
    rule.showErrorMessage = True
    rule.showInputMessage = True
    rule.errorTitle = heading[:32]
    rule.error = words.said("not_in_list", language) if rule.type == "list" else limits(column, language)[:_MOST_PROMPT]
    rule.promptTitle = heading[:32]
    told = ". ".join(filter(None, (words.meaning(column.key, column.meaning, language), when(column, sheet, language))))
    rule.prompt = told[:_MOST_PROMPT]
    rule.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    main.add_data_validation(rule)


def _validation(hidden: Any, place: int, column: Column, language: str) -> DataValidation:
    choice = column.choice(language)
    if choice:
        at = place + _LISTS_FROM - 1
        for row, each in enumerate(choice, 1):
            hidden.cell(row, at, int(each) if each.isdigit() else each)
        letter = get_column_letter(at)
        return DataValidation(
            type="list", formula1=f"{quote_sheetname(ABOUT_SHEET)}!${letter}$1:${letter}${len(choice)}"
        )
    if column.kind in ("whole", "minutes", "percent"):
        return DataValidation(
            type="whole", operator="between", formula1=str(column.lowest), formula2=str(column.highest)
        )
    if column.kind == "date":
        first, last = (
            f"DATE({day.year},{day.month},{day.day})" for day in (dt.date(1900, 1, 1), dt.date(2199, 12, 31))
        )
        return DataValidation(type="date", operator="between", formula1=first, formula2=last)
    most = column.highest if column.kind == "text" else 110
    return DataValidation(type="textLength", operator="between", formula1="1", formula2=str(most))
