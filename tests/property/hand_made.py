"""A small edition to start from, and short questions to ask of its figures."""

from __future__ import annotations

from typing import Any

from history_ledger import LedgerBuilder

import miriam_verify


def small_edition() -> LedgerBuilder:
    """Edition 2023: `spp:p1` of alpha in Brussels, `spp:p2` of beta in Flanders; nobody is enrolled."""
    ledger = LedgerBuilder()
    ledger.record("edition.opened", edition="2023")
    ledger.record("cpas.registered", cpas="alpha", region="brussels")
    ledger.record("cpas.registered", cpas="beta", region="flanders")
    ledger.record("project.approved", project="spp:p1", cpas="alpha")
    ledger.record("project.approved", project="spp:p2", cpas="beta")
    return ledger


def figures(ledger: LedgerBuilder, as_of: int | None = None) -> list[dict[str, Any]]:
    """Every figure of edition 2023."""
    return miriam_verify.figures(ledger.bodies, "2023", as_of)


def figure(ledger: LedgerBuilder, code: str, as_of: int | None = None, /, **by: str) -> dict[str, Any]:
    """The one figure of that code, level and part."""
    (found,) = (item for item in figures(ledger, as_of) if item["code"] == code and item["by"] == by)
    return found


def ratio(ledger: LedgerBuilder, code: str, as_of: int | None = None, /, **by: str) -> tuple[Any, Any, Any]:
    """Numerator, denominator and value."""
    found = figure(ledger, code, as_of, **by)
    return found["numerator"], found["denominator"], found["value"]


def excluded(ledger: LedgerBuilder, code: str, as_of: int | None = None, /, **by: str) -> dict[str, int]:
    """How many units each reason leaves out."""
    return {item["reason"]: item["count"] for item in figure(ledger, code, as_of, **by)["excluded"]}
