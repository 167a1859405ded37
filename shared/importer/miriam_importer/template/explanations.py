"""The sheet of explanations: what each column means, what may stand in it, and rows as examples; not to be changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from openpyxl.styles import Alignment, Font, PatternFill

from miriam_importer import words
from miriam_importer.examples import example_rows
from miriam_importer.sheets import Column, Sheet

_GREY = PatternFill("solid", fgColor="F2F2F2")
_WIDTHS = (30, 60, 40, 70)


def explain(page: Any, sheet: Sheet, language: str) -> None:
    """Fill the page."""
    keys = dict.fromkeys(key for fact in sheet.facts for key in sheet.keys[fact])
    named = ", ".join(sheet.by_key[key].heading(language) for key in keys)
    page.append([words.said("intro", language, sheet=words.title(sheet.kind, language), key=named)])
    page.append([])
    _bold(page, [words.said(name, language) for name in ("column", "meaning", "required", "allowed")])
    for column in sheet.columns:
        page.append(
            [
                column.heading(language),
                words.meaning(column.key, column.meaning, language),
                when(column, sheet, language),
                limits(column, language),
            ]
        )
    page.append([])
    _bold(page, [words.said("examples", language)])
    _bold(page, [column.heading(language) for column in sheet.columns])
    for cells in example_rows(sheet, language):
        page.append([cells.get(column.key) for column in sheet.columns])
        for cell in page[page.max_row]:
            cell.fill = _GREY
            cell.font = Font(italic=True, color="666666")
            if isinstance(cell.value, dt.date):
                cell.number_format = "dd/mm/yyyy"
    for letter, width in zip("ABCD", _WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows(min_row=3, max_row=3 + len(sheet.columns)):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.protection.sheet = True


def when(column: Column, sheet: Sheet, language: str) -> str:
    """Whether a column must be filled in, and for which facts."""
    if column.needed_by == sheet.facts:
        return words.said("yes", language)

    def facts(names: tuple[str, ...]) -> str:
        return ", ".join(words.data("facts")[f"{sheet.family}.{name}"][language] for name in names)

    if column.needed_by:
        return words.said("only_for", language, facts=facts(column.needed_by))
    if column.used_by != sheet.facts:
        return words.said("maybe_for", language, facts=facts(column.used_by))
    return words.said("no", language)


def limits(column: Column, language: str) -> str:
    """What may stand in a column."""
    if column.kind == "score":
        named = (column.word(code, language) for code in column.choices)
        return ", ".join((column.bounds, *named))
    if column.choices:
        return ", ".join(column.choice(language))
    if column.kind in ("whole", "minutes", "percent"):
        return words.said("any_whole", language, allowed=column.bounds)
    if column.kind == "text":
        return words.said("any_text", language, most=column.highest)
    return words.said({"date": "any_date", "niss": "any_niss"}.get(column.kind, f"any_{column.kind}"), language)


def _bold(page: Any, texts: list[str]) -> None:
    page.append(texts)
    for cell in page[page.max_row]:
        cell.font = Font(bold=True)
