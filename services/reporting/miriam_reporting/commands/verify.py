"""`miriam audit verify`: does the ledger agree with itself, with its tree, and with what was signed of it?"""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from miriam_cli.exits import Exit
from miriam_cli.output import emit, json_option, progress, table
from miriam_reporting.audit.findings import Findings
from miriam_reporting.audit.sweep import Swept, sweep
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.trusting import trust_option, trusted_keys
from miriam_reporting.ledger.status import head

_MOST_SHOWN = 40


@click.command()
@trust_option
@json_option
def verify(trust: Path | None, as_json: bool) -> None:
    """Read the whole ledger and compare everything in it with everything else.

    Each leaf's hash, its columns and its parsed form with its body; positions and numbers for holes; the heads, the
    milestones and the tiles of the tree with the leaves; the root and the signatures of each checkpoint. What it cannot
    see: a ledger rewritten whole and signed anew with the log's own key (`miriam audit witness` sees that), and an
    event that a service never handed over (`miriam audit reconcile`, `miriam emit --reconcile`).

    Exit code 0: all agrees; 1: something differs, and is named.
    """
    keys = trusted_keys(trust)
    with reporting_database() as connection:
        connection.autocommit = True
        status = head(connection)
        with progress("Reading the ledger", int(status["position"]), silent=as_json) as advance:
            found = sweep(connection, keys, advance)
    alarms = int(status["alarms"])
    emit({**found.as_json(), "alarms": alarms}, as_json, lambda console: _show(console, found, alarms))
    if found.findings.total:
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def _show(console: Console, found: Swept, alarms: int) -> None:
    signed = found.signed
    rows: list[tuple[str, Any]] = [
        ("leaves", found.position),
        ("of these retired", found.retired),
        *((f"events of {source}", last) for source, last in found.sources.items()),
        ("checkpoints compared", signed.checkpoints),
        ("of these cosigned by a known witness", signed.cosigned),
        ("newest cosigned size", signed.newest_cosigned),
        ("alarms that were raised so far", alarms),
    ]
    console.print(table("", ["what", "number"], rows, right=["number"]))
    if not found.keys:
        console.print("No keys are known here, so no signature was looked at: name them by --trust.")
    if found.root:
        console.print(f"Root of the tree: {found.root.hex()}")
    show_findings(console, found.findings)


def show_findings(console: Console, findings: Findings) -> None:
    """Print what was found, the first differences one a line."""
    if not findings.total:
        console.print("[green]Nothing differs.[/]")
        return
    console.print(f"[red]{findings.total} differences[/]")
    columns = ["check", "position", "source", "number", "event", "what"]
    rows = [(f.check, f.position, f.source, f.sequence, f.event_id, f.what) for f in findings.kept[:_MOST_SHOWN]]
    console.print(table("", columns, rows, right=["position", "number"]))
    if findings.total > len(rows):
        console.print(f"... and {findings.total - len(rows)} more: --json lists up to {findings.most}")
