"""What the services answered, for people and for programs: counts by outcome, and each refusal with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from miriam_cli import output
from miriam_emitter.receipts import OUTCOMES, Receipt

_MOST_SHOWN = 50


def summary(ids: Iterable[str], receipts: Iterable[Receipt], language: str) -> dict[str, Any]:
    """Counts of outcomes over these ids, those without receipt as `waiting`, and the refusals in one language."""
    wanted = set(ids)
    counts: Counter[str] = Counter()
    refusals = []
    for receipt in receipts:
        wanted.discard(receipt.id)
        counts[receipt.outcome] += 1
        if receipt.outcome == "refused":
            refusals.append(row(receipt, language))
    return {**{name: counts[name] for name in OUTCOMES}, "waiting": len(wanted), "refusals": refusals}


def row(receipt: Receipt, language: str) -> dict[str, Any]:
    """One receipt, its problems in one language."""
    content = receipt.content
    return {
        "id": receipt.id,
        "outcome": receipt.outcome,
        "service": content["service"],
        "subject": content.get("subject"),
        "events": content.get("events", []),
        "problems": [_problem(each, language) for each in content.get("problems", [])],
    }


def render_summary(console: Console, found: Mapping[str, Any]) -> None:
    """Print a summary, the first refusals with their reasons."""
    columns = [*OUTCOMES, "waiting"]
    console.print(output.table("", columns, [[found[name] for name in columns]], right=columns))
    refusals = found["refusals"]
    if refusals:
        console.print(refusal_table(refusals[:_MOST_SHOWN]))
        if len(refusals) > _MOST_SHOWN:
            console.print(f"... and {len(refusals) - _MOST_SHOWN} more: `miriam receipts --refused`")


def refusal_table(refusals: Iterable[Mapping[str, Any]]) -> Any:
    """Refusals, a line a broken rule."""
    rows = []
    for refusal in refusals:
        for number, problem in enumerate(refusal["problems"] or [{}]):
            rows.append(
                [
                    refusal["id"] if not number else "",
                    refusal["service"] if not number else "",
                    problem.get("field"),
                    problem.get("title"),
                ]
            )
    return output.table("Refused", ["id", "service", "field", "why"], rows)


def receipt_table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Receipts, a line each."""
    shown = []
    for each in rows:
        numbers = ", ".join(str(event["sequence"]) for event in each["events"])
        reasons = "; ".join(f"{problem['field'] or '/'}: {problem['title']}" for problem in each["problems"])
        shown.append([each["id"], each["outcome"], each["service"], each["subject"], numbers or reasons])
    return output.table("", ["id", "outcome", "service", "subject", "number, or why not"], shown)


def _problem(problem: Mapping[str, Any], language: str) -> dict[str, Any]:
    titles = problem.get("title") or {}
    title = titles.get(language) or titles.get("en") or problem.get("code", "")
    return {
        "code": problem.get("code", ""),
        "field": problem.get("field", ""),
        "allowed": problem.get("allowed", ""),
        "title": title,
    }
