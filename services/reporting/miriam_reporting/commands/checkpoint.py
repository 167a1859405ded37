"""`miriam audit checkpoint`: the ledger's newest signed head, checked before it is printed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from psycopg2.extensions import connection as Connection
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.trusting import trust_option, trusted_keys
from miriam_reporting.ledger import checkpoints, tree
from miriam_reporting.ledger.checkpoints import Signed
from miriam_transparency.notes import LOG, Checkpoint, Note, NoteError, Verified, VerifierKey


@click.command()
@click.option("--size", type=click.IntRange(min=1), help="The head of exactly that many leaves (default: the newest).")
@trust_option
@json_option
def checkpoint(size: int | None, trust: Path | None, as_json: bool) -> None:
    """Print the ledger's newest signed head with its cosignatures.

    Its signatures are checked, and its root is computed again from the ledger's tree: exit code 1 where one of the two
    does not hold. Whether the tree holds what the leaves say, `miriam audit verify` sees.
    """
    keys = trusted_keys(trust)
    with reporting_database() as connection:
        found = checkpoints.latest(connection) if size is None else checkpoints.at(connection, size)
        if found is None:
            nearest = None if size is None else checkpoints.covering(connection, size)
            raise Failure(
                Exit.PREREQUISITE,
                "no head of the ledger was signed yet" if size is None else f"no head of {size} leaves was signed",
                f"the next is of {nearest.size} leaves" if nearest else "see that reporting-checkpoint runs",
            )
        told = checked(connection, found, keys)
    emit(told, as_json, lambda screen: _print(screen, told))
    if told["problems"]:
        raise Failure(Exit.DIFFERENCE, "; ".join(told["problems"]), "keep this note, and tell the auditors")


def checked(connection: Connection, signed: Signed, keys: tuple[VerifierKey, ...]) -> dict[str, Any]:
    """A signed head, who signed it by these keys, and what is not true of it."""
    note = Note.parse(signed.note)
    head = Checkpoint.parse(note.text)
    problems: list[str] = []
    verified: tuple[Verified, ...] = ()
    try:
        verified = note.verified_by(keys)
    except NoteError as error:
        problems.append(str(error))
    if not any(each.key.kind == LOG and each.key.name == head.origin for each in verified):
        problems.append("no known key of the log signed this head")
    try:
        if tree.root_at(connection, head.size) != head.root:
            problems.append("the ledger's tree has another root at this size")
    except tree.BeyondLedger as error:
        problems.append(str(error))
    return {
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "stored_at": signed.signed_at.astimezone(UTC).isoformat(),
        "signed_by": [each.key.text() for each in verified if each.key.kind == LOG],
        "cosigned_by": [
            {"name": each.key.name, "at": datetime.fromtimestamp(each.time, UTC).isoformat()}
            for each in verified
            if each.time is not None
        ],
        "problems": problems,
        "note": signed.note,
    }


def _print(screen: Console, told: dict[str, Any]) -> None:
    click.echo(told["note"], nl=False)
    screen.print("")
    screen.print(f"signed by {len(told['signed_by'])} of the log's keys; the tree's root agrees: "
                 f"{'no' if told['problems'] else 'yes'}")  # fmt: skip
    for each in told["cosigned_by"]:
        screen.print(f"cosigned by {each['name']} at {each['at']}")
    if not told["cosigned_by"]:
        screen.print("cosigned by nobody yet")
