"""Rows that are one fact together: the women of one group session."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from miriam_importer import problems
from miriam_importer.problems import Trouble
from miriam_importer.sheets.model import CORRECTION, PRESENCE, Sheet

_ONE = "participation"
Values = dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """Facts with the rows that make them and the row of each woman; and what keeps rows from making one."""

    found: list[tuple[tuple[int, ...], Values, dict[str, int]]]
    troubles: list[Trouble]


def gather(sheet: Sheet, read: Sequence[tuple[int, Values]], broken: Set[int], language: str) -> Gathered:
    """Gather rows under one key. A session of which a row is broken is not sent by halves: its other rows say so."""
    (fact,) = sheet.facts
    keys = sheet.keys[fact]
    together: dict[tuple[str, ...], list[tuple[int, Values]]] = {}
    for number, values in read:
        # A row whose key cannot be read is of no session that could be named.
        if all(key in values for key in keys):
            together.setdefault(tuple(values[key] for key in keys), []).append((number, values))
    result = Gathered([], [])
    for rows in together.values():
        whole = [(number, values) for number, values in rows if number not in broken]
        troubles = _differing(sheet, whole, language) + _repeated(sheet, whole, language)
        bad = {number for number, _ in rows if number in broken} | {trouble.row for trouble in troubles}
        result.troubles.extend(troubles)
        if not bad:
            women = {values[_ONE]: number for number, values in rows}
            result.found.append((tuple(women.values()), _one(sheet, rows), women))
            continue
        result.troubles.extend(
            problems.of_rule(number, None, "rows_together", str(min(bad)), language)
            for number, _ in rows
            if number not in bad
        )
    return result


def _differing(sheet: Sheet, rows: Sequence[tuple[int, Values]], language: str) -> list[Trouble]:
    if not rows:
        return []
    first, agreed = rows[0]
    same = [column for column in sheet.columns if column.key not in (_ONE, sheet.gathered, CORRECTION)]
    return [
        problems.of_rule(number, column, "rows_differ", str(first), language)
        for number, values in rows[1:]
        for column in same
        # An answer of no is the same as none.
        if (values.get(column.key) or None) != (agreed.get(column.key) or None)
    ]


def _repeated(sheet: Sheet, rows: Sequence[tuple[int, Values]], language: str) -> list[Trouble]:
    seen: dict[str, int] = {}
    troubles = []
    for number, values in rows:
        woman = values.get(_ONE)
        if woman is not None and seen.setdefault(woman, number) != number:
            trouble = problems.of_rule(number, sheet.by_key[_ONE], "row_repeated", str(seen[woman]), language)
            troubles.append(trouble)
    return troubles


def _one(sheet: Sheet, rows: Sequence[tuple[int, Values]]) -> Values:
    _, agreed = rows[0]
    found = {key: value for key, value in agreed.items() if key not in (_ONE, sheet.gathered)}
    for name in PRESENCE:
        # In an order of their own: rows that were sorted anew say the same.
        found[name] = sorted(values[_ONE] for _, values in rows if values[sheet.gathered] == name)
    reasons = [values[CORRECTION] for _, values in rows if CORRECTION in values]
    if reasons:
        found[CORRECTION] = reasons[0]
    return found
