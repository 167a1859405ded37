"""`miriam audit keygen`: keys of the log, of witnesses, and of those who sign reports."""

import base64
from pathlib import Path
from typing import Any

import click

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option
from miriam_transparency import rotation
from miriam_transparency.keys import KeyFileError, SigningKey, read_private
from miriam_transparency.notes import COSIGNATURE, LOG, NoteError

# A signing key is of the same form as the log's: Ed25519 over the text of a note.
_KINDS = {"log": LOG, "witness": COSIGNATURE, "signing": LOG}


@click.command()
@click.argument("kind", type=click.Choice(tuple(_KINDS)))
@click.option("--name", help="Whose key it is: a URL without its scheme, as cpas.example/anderlecht.")
@click.option(
    "--out", "path", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="Where the private key is written; its public half is written beside it, as FILE with the ending .vkeys.",
)  # fmt: skip
@click.option("--rotate", is_flag=True, help="Put a new key in the place of that in FILE, and keep the old one beside.")
@json_option
def keygen(kind: str, name: str | None, path: Path, rotate: bool, as_json: bool) -> None:
    """Make a key: of the `log`, of a `witness` who cosigns it, or for `signing` reports.

    The private file is readable by its owner alone and never written over. What is printed is the public half: give it
    to those who verify.
    """
    try:
        old: SigningKey | None = None
        if rotate:
            current = read_private(path).verifier
            if current.kind != _KINDS[kind] or name not in (None, current.name):
                raise Failure(Exit.USAGE, f"{path} is another key: {current.text()}", "name the key that is there")
            key, old = rotation.rotate(path)
        elif name is None:
            raise Failure(Exit.USAGE, "a new key needs --name", "give it the name of who holds it")
        else:
            key = rotation.make(path, name, _KINDS[kind])
    except KeyFileError as problem:
        next_step = "give another FILE, or --rotate" if path.exists() else "see that the folder can be written"
        raise Failure(Exit.PREREQUISITE, str(problem), next_step) from problem
    except NoteError as problem:
        raise Failure(Exit.USAGE, str(problem)) from problem
    told: dict[str, Any] = {
        "vkey": key.verifier.text(),
        "file": str(path),
        "public": str(rotation.published_beside(path)),
    }
    if kind == "signing":
        # As `cpas.registered` has it.
        told["signing_key"] = base64.urlsafe_b64encode(key.verifier.public).decode().rstrip("=")
    if old is not None:
        told["replaced"] = {"vkey": old.verifier.text(), "file": str(rotation.replaced(path, old.verifier))}
    emit(told, as_json, lambda screen: click.echo(key.verifier.text()))
