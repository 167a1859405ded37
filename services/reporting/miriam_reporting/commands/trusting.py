"""Which keys a check trusts: those of the file that the authority hands out, and the witnesses that the log accepts."""

from pathlib import Path

import click

from miriam_cli.exits import Exit, Failure
from miriam_reporting.commands.source import deployment_home, environment
from miriam_transparency.keys import KeyFileError, read_public
from miriam_transparency.notes import VerifierKey

trust_option = click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The authority's file of public keys (default: AUTHORITY.pub of the local deployment, and the log's own).",
)


def trusted_keys(trust: Path | None) -> tuple[VerifierKey, ...]:
    """The keys in `trust` alone; without it, those of AUTHORITY.pub and of the log's own files, where they are there.

    Raises Failure(PREREQUISITE) where a file cannot be read as keys.
    """
    files = [trust] if trust else _usual_files()
    found: dict[str, VerifierKey] = {}
    for file in files:
        try:
            found |= {key.text(): key for key in read_public(file)}
        except KeyFileError as problem:
            raise Failure(Exit.PREREQUISITE, str(problem), "name the authority's file of keys by --trust") from problem
    return tuple(found.values())


def _usual_files() -> list[Path]:
    home = deployment_home()
    published = [home / "keys" / "AUTHORITY.pub"] if home else []
    told = environment().get("MIRIAM_KEYS_DIR")
    own = [Path(told) / "log.vkeys", Path(told) / "witnesses.vkeys"] if told else []
    return [file for file in (*published, *own) if file.is_file()]
