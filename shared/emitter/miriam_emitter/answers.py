"""What the services answered, for people and for programs: counts by outcome, refusals by rule, and each of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from miriam_cli import output
from miriam_emitter.receipts import OUTCOMES, Receipt

_FIRST = 5
_PLACE = re.compile(r"(?<=/)[0-9]+(?=/|$)")


class Rules:
    """Refusals counted by rule: which field broke it, why, how often, and the first events that did."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], dict[str, Any]] = {}

    def add(self, refusal: Mapping[str, Any]) -> None:
        """Count a refusal, a `row`: once under each rule that it broke, at whatever place of a list."""
        broken = {(each["code"], _PLACE.sub("*", each["field"])): each for each in refusal["problems"]}
        for (code, field), problem in broken.items():
            rule = self._rules.setdefault(
                (code, field), {"code": code, "field": field, "title": problem["title"], "count": 0, "first": []}
            )
            rule["count"] += 1
            if len(rule["first"]) < _FIRST:
                rule["first"].append(refusal["id"])

    def found(self) -> list[dict[str, Any]]:
        """The rules, those broken most often first."""
        return sorted(self._rules.values(), key=lambda rule: (-rule["count"], rule["code"], rule["field"]))


def summary(ids: Iterable[str], receipts: Iterable[Receipt], language: str) -> dict[str, Any]:
    """Counts of outcomes over these ids, those without receipt as `waiting`, and the refusals in one language."""
    wanted = set(ids)
    counts: Counter[str] = Counter()
    refusals = []
    rules = Rules()
    for receipt in receipts:
        wanted.discard(receipt.id)
        counts[receipt.outcome] += 1
        if receipt.outcome == "refused":
            refusals.append(row(receipt, language))
            rules.add(refusals[-1])
    return {
        **{name: counts[name] for name in OUTCOMES},
        "waiting": len(wanted),
        "rules": rules.found(),
        "refusals": refusals,
    }


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
    """Print a summary: the counts, and the rules that were broken."""
    columns = [*OUTCOMES, "waiting"]
    console.print(output.table("", columns, [[found[name] for name in columns]], right=columns))
    if found["rules"]:
        console.print(rule_table(found["rules"]))
        console.print(
            f"Each of them, with every reason: miriam receipts --as {found['emitter'].rpartition('/')[2]} --refused"
            f" --limit {max(found['refused'], 1)}"
        )


def rule_table(rules: Iterable[Mapping[str, Any]]) -> Any:
    """Broken rules, a line each."""
    rows = [
        [
            rule["count"],
            rule["field"] or "/",
            rule["title"],
            rule["code"],
            ", ".join(rule["first"]) + (" ..." if rule["count"] > len(rule["first"]) else ""),
        ]
        for rule in rules
    ]
    return output.table("Refused", ["events", "field", "why", "rule", "first"], rows, right=["events"])


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
