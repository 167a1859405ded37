"""A template as CSV: the headings, as spreadsheet programs here open it."""

from __future__ import annotations

import csv
import io

from miriam_importer.sheets import Sheet


def delimited(sheet: Sheet, language: str) -> bytes:
    """The headings behind a mark of UTF-8, with semicolons."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerow(column.heading(language) for column in sheet.columns)
    return out.getvalue().encode("utf-8-sig")
