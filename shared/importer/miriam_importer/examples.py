"""Rows as examples: a payload written as a row, and the golden examples of a sheet's facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miriam_contracts.examples import examples
from miriam_importer.cells import written
from miriam_importer.sheets.model import FACT, PRESENCE, Sheet

Cells = dict[str, Any]


def rows_of(sheet: Sheet, fact: str, data: Mapping[str, Any], language: str) -> list[Cells]:
    """The rows that say what a payload says, as cells by the key of their column."""
    cells: Cells = {}
    if FACT in sheet.by_key:
        cells[FACT] = written(sheet.by_key[FACT], fact, language)
    for key, column in sheet.by_key.items():
        found: Any = data
        for part in key.split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is not None and key != FACT:
            cells[key] = _own(column.kind, found, written(column, found, language), data, sheet)
    if not sheet.gathered:
        return [cells]
    woman, presence = sheet.by_key["participation"], sheet.by_key[sheet.gathered]
    return [
        {
            **cells,
            "participation": _own(woman.kind, each, written(woman, each, language), data, sheet),
            sheet.gathered: written(presence, name, language),
        }
        for name in PRESENCE
        for each in data[name]
    ]


def _own(kind: str, found: Any, short: Any, data: Mapping[str, Any], sheet: Sheet) -> Any:
    """A short id, where it is of the CPAS of the row's subject; else the whole."""
    if kind != "own_id":
        return short
    mine = str(data[sheet.subject]).partition(":")[0]
    return short if str(found).partition(":")[0] == mine else found


def example_rows(sheet: Sheet, language: str) -> list[Cells]:
    """A row or more of each fact, made of the golden examples, which name nobody."""
    shown: list[Cells] = []
    for fact in sheet.facts:
        name = sheet.type_of(fact).type.removeprefix("miriam.")
        found = [each.event["data"] for each in examples("emitted") if each.kind == name]
        best = next(data for data in found if "personal" not in data)
        shown += rows_of(sheet, fact, best, language)[:3]
    return shown
