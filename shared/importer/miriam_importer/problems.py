"""Problems of a row, told as people see the sheet: with headings and words in place of paths and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from miriam_contracts.problems import Problem, describe, rules
from miriam_importer import words
from miriam_importer.sheets.model import Column, Sheet

# Patterns and forms of the contracts are for programmers: people are told by an example.
_IN_OUR_WORDS = {("wrong_form", "own_id"): "cell_own_id", ("wrong_form", "other_id"): "cell_other_id"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a row is not sent. `column` is the heading concerned (empty: the row as a whole). No value stands in it."""

    row: int
    column: str
    code: str
    allowed: str
    said: str

    def as_json(self, sheet: str) -> dict[str, Any]:
        """For programs."""
        return {
            "sheet": sheet,
            "row": self.row,
            "column": self.column,
            "rule": self.code,
            "allowed": self.allowed,
            "why": self.said,
        }


def of_rule(row: int, column: Column | None, code: str, allowed: str, language: str) -> Trouble:
    """A broken rule, of ours or of the contracts, at a column."""
    code = _IN_OUR_WORDS.get((code, column.kind if column else ""), code)
    heading = column.heading(language) if column else ""
    ours: Mapping[str, str] | None = words.data("problems").get(code)
    if ours:
        said = ours[language].format(field=heading, allowed=allowed)
    else:
        said = describe(Problem(code, heading, allowed), language)
    return Trouble(row, heading, code, allowed, said)


def of_contract(row: int, problem: Problem, sheet: Sheet, language: str) -> Trouble:
    """A problem that the contract, or a service, has with an event."""
    column = sheet.column_of(problem.field)
    allowed = problem.allowed
    if problem.code == "unknown_code" and column:
        allowed = ", ".join(column.choice(language))
    if problem.code in words.data("problems") or problem.code in rules():
        return of_rule(row, column, problem.code, allowed, language)
    return Trouble(row, "", problem.code, allowed, problem.code)


def told(row: int, problem: Mapping[str, Any], sheet: Sheet, language: str) -> Trouble:
    """A problem out of a receipt. A rule that this version does not know comes with its own sentence."""
    code, field = str(problem.get("code", "")), str(problem.get("field", ""))
    if code in rules():
        return of_contract(row, Problem(code, field, str(problem.get("allowed", ""))), sheet, language)
    titles: Mapping[str, str] = problem.get("title") or {}
    return Trouble(row, "", code, str(problem.get("allowed", "")), titles.get(language) or titles.get("en") or code)
