"""`miriam audit looks`: who looked at data of persons."""

import json
from collections import deque
from collections.abc import Iterator

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.output import emit, json_option, table
from miriam_reporting.audit.access import Look, looks
from miriam_reporting.commands.source import reporting_database


@click.command("looks")
@click.option("--actor", help="Only this one's, as `auditor.jan`.")
@click.option(
    "--last", type=click.IntRange(min=1), default=40, show_default=True, help="How many, counted from the end."
)
@json_option
def looks_command(actor: str | None, last: int, as_json: bool) -> None:
    """Print the access log: each look at data of persons, when, by whom, why, and what was asked."""
    with reporting_database() as connection, connection, connection.cursor() as cursor:
        cursor.execute("set local timezone to 'UTC'")
        found = deque((each for each in looks(connection) if actor in (None, each.actor)), maxlen=last)
    emit([_told(each) for each in found], as_json, lambda console: _print(console, list(found)))


def _told(look: Look) -> dict[str, object]:
    at = look.at.isoformat()
    return {"id": look.id, "at": at, "actor": look.actor, "purpose": look.purpose, "what": dict(look.what),
            "position": look.position}  # fmt: skip


def _asked(look: Look) -> Iterator[str]:
    """The command, then what it was given."""
    yield str(look.what.get("command", ""))
    for name, value in sorted(look.what.items()):
        if name != "command" and value not in (None, "", False, []):
            told = value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
            yield f"{name}={told}"


def _print(console: Console, found: list[Look]) -> None:
    rows = []
    for each in found:
        what = " ".join(_asked(each))
        at = each.at.isoformat(timespec="seconds")
        rows.append((each.id, at, escape(each.actor), escape(each.purpose), escape(what), each.position))
    titles = ["", "at (UTC)", "who", "why", "what was asked", "position"]
    console.print(table("Looks at data of persons", titles, rows, right=["", "position"]))
