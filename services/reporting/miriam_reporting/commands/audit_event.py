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
from miriam_reporting.commands.options import lang_option, when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.trusting import trust_option, trusted_keys
from miriam_reporting.reports.as_of import resolve
from miriam_reporting.reports.words import number, word
from miriam_transparency.notes import Note, NoteError


@click.command("event")
@click.argument("event_id")
@when_option
@trust_option
@look_options
@lang_option
@json_option
def audit_event(
    event_id: str, as_of: str | None, trust: Path | None, actor: str, purpose: str, lang: str, as_json: bool
) -> None:
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
    emit({**found.as_json(), "signed_by": signers}, as_json, lambda console: _print(console, found, signers, lang))


def _signers(found: Story, trust: Path | None) -> list[str]:
    """The names of the trusted keys that signed the head. A false signature of one of them is an untruth."""
    note = found.proven.head.note
    if note is None:
        return []
    try:
        return [each.key.name for each in Note.parse(note).verified_by(trusted_keys(trust))]
    except NoteError as wrong:
        raise Failure(Exit.DIFFERENCE, f"the ledger's head is not signed as it says: {wrong}") from wrong


def _print(console: Console, found: Story, signers: list[str], lang: str) -> None:
    def told(name: str, **values: Any) -> str:
        return word(lang, "event", name).format(**values)

    event, head = found.event, found.proven.head
    console.print(f"[bold]{escape(event.type)}[/] {event.event_id}")
    said = json.dumps(json.loads(event.body), indent=2, ensure_ascii=False) if event.body else told("retired")
    console.print(escape(said))
    unsigned = told("unknown") if head.note else told("unsigned")
    signed = told("signed", names=", ".join(signers)) if signers else unsigned
    facts = [
        (told("hash"), event.leaf.hex()),
        (told("position"), number(event.position, lang)),
        (told("service"), f"{event.source} {number(event.sequence, lang)}"),
        (told("head"), f"{told('leaves', size=number(head.size, lang))}, {escape(signed)}"),
        (told("proof"), told("verified", count=len(found.proven.path))),
    ]
    console.print(table(told("leaf"), ["", ""], facts))
    rows = [row for turn in found.chain for row in _rows(turn, lang)]
    position, reason = word(lang, "heading", "position"), word(lang, "heading", "reason")
    columns = [position, told("step"), reason, told("by"), told("time"), told("changed")]
    console.print(table(told("chain", position=number(found.position, lang)), columns, rows, right=[position]))
    standing = found.standing
    console.print(told("nothing") if standing is None else told("stands", event=standing.event_id))


def _rows(turn: Turn, lang: str) -> list[tuple[str, ...]]:
    step, reason = word(lang, "step", turn.step), word(lang, "reason", turn.reason or "")
    said = (number(turn.position, lang), step, escape(reason), escape(turn.origin or ""), turn.time or "")
    changed = [escape(f"{field}: {_value(old)} → {_value(new)}") for field, old, new in turn.changes]
    return [(*said, changed[0] if changed else ""), *(("", "", "", "", "", each) for each in changed[1:])]


def _value(value: Any) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False)
