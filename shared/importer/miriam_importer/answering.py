"""What became of each row: a status in words, the number under which it is recorded, and why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from miriam_emitter.spool import Kept
from miriam_importer import problems, words
from miriam_importer.plan import Plan, Step, Would
from miriam_importer.problems import Trouble
from miriam_importer.sheets.model import PRESENCE, Sheet

GOOD, CALM, WAITING, BAD = "good", "calm", "waiting", "bad"
_IN_A_LIST = re.compile(rf"data/(?:replacement/)?({'|'.join(PRESENCE)})/(\d+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer beside a row. `status` names a text; `tone` is one of good, calm, waiting, bad."""

    status: str
    tone: str
    number: str = ""
    why: str = ""

    def cells(self, language: str) -> tuple[str, str, str]:
        """What stands beside the row, in the order of the columns of answers."""
        return words.said(self.status, language), self.number, self.why


def answers(
    plan: Plan, troubles: Iterable[Trouble], kept: Mapping[str, Kept], sheet: Sheet, language: str
) -> dict[int, Answer]:
    """The answer to each row, by its number. `kept` is what the spool holds under the ids of the steps."""
    found: dict[int, Answer] = {}
    for step in plan.steps:
        found |= _of_step(step, kept.get(step.id), sheet, language)
    by_row: dict[int, list[str]] = {}
    for trouble in troubles:
        by_row.setdefault(trouble.row, []).append(trouble.said)
    for row, reasons in by_row.items():
        found[row] = Answer("said_problem", BAD, why=" ".join(dict.fromkeys(reasons)))
    return dict(sorted(found.items()))


def _of_step(step: Step, kept: Kept | None, sheet: Sheet, language: str) -> dict[int, Answer]:
    rows = step.draft.rows
    if kept is None:
        return dict.fromkeys(rows, Answer("said_unsent", WAITING))
    receipt = kept.receipt
    if kept.state == "parked":
        return dict.fromkeys(rows, Answer("said_parked", WAITING))
    if kept.state == "waiting" or receipt is None:
        return dict.fromkeys(rows, Answer("said_waiting", WAITING))
    if receipt.outcome == "refused":
        return _refused(step, receipt.content["problems"], sheet, language)
    number = ", ".join(f"{receipt.service} {event['sequence']}" for event in receipt.content["events"])
    if step.would is Would.WITHDRAW or (step.would is Would.KNOWN and step.draft.withdraw):
        return dict.fromkeys(rows, Answer("said_withdrawn", CALM, number))
    if step.would is Would.KNOWN or receipt.outcome == "duplicate":
        return dict.fromkeys(rows, Answer("said_known", CALM, number))
    said = "said_corrected" if step.would is Would.CORRECT else "said_recorded"
    return dict.fromkeys(rows, Answer(said, GOOD, number))


def _refused(step: Step, found: Iterable[Mapping[str, str]], sheet: Sheet, language: str) -> dict[int, Answer]:
    by_row: dict[int, list[str]] = {}
    for problem in found:
        row = _row(step, str(problem.get("field", "")))
        by_row.setdefault(row, []).append(problems.told(row, problem, sheet, language).said)
    first = min(by_row, default=step.draft.rows[0])
    others = problems.of_rule(first, None, "rows_together", str(first), language).said
    return {
        row: Answer("said_refused", BAD, why=" ".join(dict.fromkeys(by_row.get(row, [others]))))
        for row in step.draft.rows
    }


def _row(step: Step, path: str) -> int:
    """The row that a problem is about: of a list, the row of the woman at that place."""
    match = _IN_A_LIST.match(path)
    if match:
        women = step.draft.event["data"].get(match[1], [])
        place = int(match[2])
        if place < len(women):
            return step.draft.women.get(women[place], step.draft.rows[0])
    return step.draft.rows[0]
