"""What the command says: what it would do, and what became of it. No value of a column that may name somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from miriam_cli import output
from miriam_importer import words
from miriam_importer.answering import Answer
from miriam_importer.plan import Plan, Would
from miriam_importer.problems import Trouble
from miriam_importer.reading.table import Table
from miriam_importer.sheets.model import FACT

_MOST_SHOWN = 20
_FIRST_SHOWN = 5


def summary(table: Table, plan: Plan, troubles: Sequence[Trouble]) -> dict[str, Any]:
    """What would be done, for programs."""
    counts = Counter(step.would for step in plan.steps)
    facts = Counter(step.draft.fact for step in plan.steps if step.entry)
    return {
        "file": table.path.name,
        "sheet": table.title,
        "kind": table.sheet.kind,
        "read_as": table.form,
        "rows": len(table.rows),
        "hidden_rows": table.hidden_rows,
        "ignored_columns": list(table.ignored),
        "would": {each.value: counts[each] for each in Would},
        "facts": dict(facts),
        "rows_with_problems": len({trouble.row for trouble in troubles}),
        "problems": [trouble.as_json(table.title) for trouble in troubles],
    }


def preview(console: Console, table: Table, plan: Plan, troubles: Sequence[Trouble], language: str) -> None:
    """Say what was read and what would be done."""

    def said(name: str, **values: object) -> str:
        return words.said(name, language, **values)

    title, count = table.title, len(table.rows)
    console.print(said("read_as", file=table.path.name, sheet=title, rows=count, form=table.form), markup=False)
    if table.hidden_rows:
        console.print(said("hidden_rows", count=table.hidden_rows), markup=False)
    if table.ignored:
        console.print(said("ignored", columns=", ".join(table.ignored)), markup=False)
    counts = Counter((step.would, step.draft.fact) for step in plan.steps)
    facts = words.data("facts")
    rows = [
        [said(f"would_{would.value}"), facts[f"{table.sheet.family}.{fact}"][language], counts[would, fact]]
        for would in Would
        for fact in table.sheet.facts
        if counts[would, fact]
    ]
    if troubles:
        rows.append([said("would_problem"), "", len({trouble.row for trouble in troubles})])
    console.print(output.table("", ["", said("what"), ""], rows))
    _first(console, table, plan, language)
    problems_table(console, troubles, language)


def _first(console: Console, table: Table, plan: Plan, language: str) -> None:
    shown = [column for column in table.sheet.columns if column.key in table.columns and not column.personal]
    shown = [column for column in shown if column.kind in ("own_id", "date") or column.key == FACT][:5]
    by_number = dict(table.rows)
    first = sorted(step.draft.rows[0] for step in plan.steps if step.entry)[:_FIRST_SHOWN]
    if not first:
        return
    rows = []
    steps = {step.draft.rows[0]: step for step in plan.steps}
    for number in first:
        values = steps[number].draft.event["data"]
        cells = [_shown(values.get(column.key), by_number[number], table.columns[column.key]) for column in shown]
        rows.append([number, *cells])
    heads = [words.said("row", language), *(column.heading(language) for column in shown)]
    console.print(output.table(words.said("first_rows", language), heads, rows))


def _shown(value: object, row: Sequence[object], place: int) -> object:
    """What was understood, or the word of a code, as it stands in the cell."""
    return value if value is not None else (row[place] if place < len(row) else "")


def problems_table(console: Console, troubles: Sequence[Trouble], language: str) -> None:
    """The rows with a problem, a line each."""
    if not troubles:
        return
    heads = [words.said(name, language) for name in ("row", "column", "why")]
    rows = [[trouble.row, trouble.column, trouble.said] for trouble in troubles[:_MOST_SHOWN]]
    console.print(output.table(words.said("problems", language), heads, rows))
    if len(troubles) > _MOST_SHOWN:
        console.print(words.said("and_more", language, count=len(troubles) - _MOST_SHOWN), markup=False)


def result(console: Console, answers: Mapping[int, Answer], language: str) -> None:
    """How many rows got which answer, and the first refusals."""
    counts = Counter(answer.status for answer in answers.values())
    heads = [words.heading("status", language), words.said("rows", language)]
    console.print(output.table("", heads, [[words.said(name, language), n] for name, n in counts.most_common()]))
    refused = [(row, answer) for row, answer in answers.items() if answer.status == "said_refused"]
    if refused:
        heads = [words.said("row", language), words.said("why", language)]
        console.print(output.table("", heads, [[row, answer.why] for row, answer in refused[:_MOST_SHOWN]]))


def as_json(answers: Mapping[int, Answer], rows: Iterable[int]) -> list[dict[str, Any]]:
    """The answer to each row, for programs."""
    found = []
    for row in rows:
        answer = answers.get(row)
        if answer:
            status = answer.status.removeprefix("said_")
            found.append({"row": row, "status": status, "number": answer.number, "why": answer.why})
    return found
