"""A reconciliation for people."""

from __future__ import annotations

import datetime as dt

from rich.console import Console

from miriam_cli import output
from miriam_emitter.reconcile.result import Reconciled

_MOST_SHOWN = 40


def show(console: Console, found: Reconciled) -> None:
    """Print what was proved, what is on its way, and each difference."""
    rows = [
        ("receipts that promise an event", found.receipts),
        ("events promised", found.events),
        ("of these proved in the ledger", found.proved),
        ("on their way into it", found.on_their_way),
        ("leaves under our name", found.listed),
        ("of these with a receipt still to come", found.unanswered),
        ("proved, and not listed under our name", found.unlisted),
    ]
    console.print(output.table("", [found.emitter, "number"], rows, right=["number"]))
    if found.size:
        by = ", ".join(found.cosigned_by) or "nobody"
        at = "" if not found.cosigned_at else f" at {dt.datetime.fromtimestamp(found.cosigned_at, dt.UTC):%F %T} UTC"
        console.print(f"Proved against {found.size} leaves of {found.origin}, cosigned by {by}{at}.")
    if not found.total:
        console.print("[green]Nothing differs.[/]")
        return
    console.print(f"[red]{found.total} differences[/]")
    columns = ["kind", "id", "service", "number", "what"]
    differences = [(d.kind.value, d.id, d.service, d.sequence or None, d.what) for d in found.differences[:_MOST_SHOWN]]
    console.print(output.table("", columns, differences, right=["number"]))
    if found.total > len(differences):
        console.print(f"... and {found.total - len(differences)} more: --json lists them")
