"""`miriam audit looks`: who looked at data of persons."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_reporting.audit.access import KINDS, Asked, Broken, Look, newest, verify
from miriam_reporting.commands.source import reporting_database


@click.command("looks")
@click.option("--actor", help="Only this one's, as `auditor.jan`.")
@click.option("--kind", type=click.Choice(KINDS), help="Only looks of this kind.")
@click.option(
    "--last", type=click.IntRange(min=1), default=40, show_default=True, help="How many, counted from the end."
)
@click.option("--verify", "whole", is_flag=True, help="Check instead that the log is as it was written.")
@click.option("--kept", metavar="HASH", help="With --verify: that a hash which it printed before still stands in it.")
@json_option
def looks_command(actor: str | None, kind: str | None, last: int, whole: bool, kept: str | None, as_json: bool) -> None:
    """Print the access log: each look at data of persons, when, by whom, why, what was asked and what was shown.

    With --verify, each look's hash is computed anew over its content and the hash before it; the last one is printed.
    Keep it elsewhere: who holds it sees with --kept whether the log was written anew since. Exit code 1: the log is
    not as it was written.
    """
    if whole or kept:
        _verify(kept, as_json)
        return
    with reporting_database() as connection, connection, connection.cursor() as cursor:
        cursor.execute("set local timezone to 'UTC'")
        found = newest(connection, Asked(actor=actor, kind=kind), last)[::-1]
    emit([_told(each) for each in found], as_json, lambda console: _print(console, found))


def _verify(kept: str | None, as_json: bool) -> None:
    try:
        held = None if kept is None else bytes.fromhex(kept)
    except ValueError:
        raise Failure(
            Exit.USAGE, "a hash is written in 64 hexadecimal digits", "give it as --verify printed it"
        ) from None
    with reporting_database() as connection:
        try:
            found = verify(connection, held)
        except Broken as problem:
            raise Failure(
                Exit.DIFFERENCE,
                f"the access log was tampered with: {problem}",
                "compare it with a backup; whoever owns the database can tell who changed it",
            ) from problem
    told = {"looks": found.looks, "hash": found.hash.hex()}
    emit(told, as_json, lambda console: console.print(f"{found.looks} looks are as they were written\n{told['hash']}"))


def _told(look: Look) -> dict[str, object]:
    shown = None if look.view is None else {"view": look.view, "rows": look.rows, "as_of": look.as_of}
    return {"id": look.id, "at": look.at.isoformat(), "actor": look.actor, "kind": look.kind, "purpose": look.purpose,
            "what": dict(look.what), "position": look.position, "shown": shown}  # fmt: skip


def _shown(look: Look) -> str:
    return "" if look.view is None else f"{look.view}: {look.rows} rows"


def _print(console: Console, found: Sequence[Look]) -> None:
    rows = []
    for each in found:
        at = each.at.isoformat(timespec="seconds")
        cells = (each.actor, each.kind, each.purpose, each.question, _shown(each))
        rows.append((each.id, at, *map(escape, cells), each.position))
    titles = ["", "at (UTC)", "who", "kind", "why", "what was asked", "what was shown", "position"]
    console.print(table("Looks at data of persons", titles, rows, right=["", "position"]))
