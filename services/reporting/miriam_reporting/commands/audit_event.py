"""`miriam audit event`: one event to the bottom."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_reporting.audit.event import NotProved, Story, Turn, tell
from miriam_reporting.commands.looking import look_options, noted
from miriam_reporting.commands.options import when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.trusting import trust_option, trusted_keys
from miriam_reporting.reports.as_of import resolve
from miriam_transparency.notes import Note, NoteError


@click.command("event")
@click.argument("event_id")
@when_option
@trust_option
@look_options
@json_option
def audit_event(event_id: str, as_of: str | None, trust: Path | None, actor: str, purpose: str, as_json: bool) -> None:
    """Print EVENT_ID: its body, its leaf with the proof that the ledger holds it, and its fact's corrections.

    Pseudonymous, and logged with its purpose before it is answered. The proof is verified before anything is printed;
    exit code 1 says that the ledger is not what its tree says.
    """
    with reporting_database() as connection:
        noted(connection, actor, purpose, {"command": "audit event", "event_id": event_id, "as_of": as_of})
        when = resolve(connection, as_of)
        try:
            found = tell(connection, event_id, when.position)
        except NotProved as wrong:
            raise Failure(Exit.DIFFERENCE, str(wrong), "run `miriam audit verify`") from wrong
    signers = _signers(found, trust)
    emit({**found.as_json(), "signed_by": signers}, as_json, lambda console: _print(console, found, signers))


def _signers(found: Story, trust: Path | None) -> list[str]:
    """The names of the trusted keys that signed the head. A false signature of one of them is an untruth."""
    note = found.proven.head.note
    if note is None:
        return []
    try:
        return [each.key.name for each in Note.parse(note).verified_by(trusted_keys(trust))]
    except NoteError as wrong:
        raise Failure(Exit.DIFFERENCE, f"the ledger's head is not signed as it says: {wrong}") from wrong


def _print(console: Console, found: Story, signers: list[str]) -> None:
    event, head = found.event, found.proven.head
    said = json.dumps(json.loads(event.body), indent=2, ensure_ascii=False) if event.body else "(retired)"
    console.print(f"[bold]{escape(event.type)}[/] {event.event_id}")
    console.print(escape(said))
    signed = (
        f"signed by {', '.join(signers)}" if signers else "signed by no known key" if head.note else "not signed yet"
    )
    facts = [
        ("leaf", event.leaf.hex()),
        ("position", str(event.position)),
        ("source", f"{event.source} {event.sequence}"),
        ("head", f"{head.size} leaves, {signed}"),
        ("proof", f"{len(found.proven.path)} hashes, verified"),
    ]
    console.print(table("Leaf", ["", ""], facts))
    rows = [row for turn in found.chain for row in _rows(turn)]
    console.print(
        table(f"Its fact, as of {found.position}", ["Position", "Step", "Reason", "By", "Time", "What changed"], rows)
    )
    standing = found.standing
    console.print("Nothing stands." if standing is None else f"What stands was said by {standing.event_id}.")


def _rows(turn: Turn) -> list[tuple[str, ...]]:
    told = (str(turn.position), turn.step, escape(turn.reason or ""), escape(turn.origin or ""), turn.time or "")
    changed = [escape(f"{field}: {_value(old)} → {_value(new)}") for field, old, new in turn.changes]
    return [(*told, changed[0] if changed else ""), *(("", "", "", "", "", each) for each in changed[1:])]


def _value(value: Any) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False)
