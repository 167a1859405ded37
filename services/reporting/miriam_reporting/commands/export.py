"""`miriam audit export`: an edition as an event log, for process mining."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option
from miriam_reporting.audit.ocel import Log, happenings, write_csv, write_ocel
from miriam_reporting.commands.looking import look_options, noted
from miriam_reporting.commands.options import when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.reports.as_of import resolve

_WRITERS = {"ocel": write_ocel, "csv": write_csv}


@click.command()
@click.argument("edition")
@click.option(
    "--format", "form", type=click.Choice(tuple(_WRITERS)), default="ocel", help="OCEL 2.0 JSON, or CSV of cases."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.option("--history", is_flag=True, help="Every correction and retraction as an event, not only what stands.")
@when_option
@look_options
@json_option
def export(
    edition: str,
    form: str,
    out: Path,
    history: bool,
    as_of: str | None,
    actor: str,
    purpose: str,
    as_json: bool,
) -> None:
    """Write EDITION as an object-centric event log: women, projects, groups and goals, and what happened to them.

    Pseudonymous, and logged with its purpose before it is answered.
    """
    what = {"command": "audit export", "edition": edition, "format": form, "history": history, "as_of": as_of}
    with reporting_database() as connection:
        noted(connection, actor, purpose, what)
        position = resolve(connection, as_of).position
        with happenings(connection, edition, position, history) as course, _whole(out) as file:
            log = _WRITERS[form](course, file)
    told = {
        "edition": edition,
        "position": log.position,
        "file": str(out),
        "events": log.events,
        "objects": log.objects,
    }
    emit(told, as_json, lambda console: console.print(_said(out, log)))


def _said(out: Path, log: Log) -> str:
    objects = f" about {log.objects} objects" if log.objects else ""
    return f"{out}: {log.events} events{objects}, as of position {log.position}"


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A file that stands under its name when all of it is written, or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent or Path(), prefix=f".{path.name}.")
    except OSError as problem:
        raise Failure(Exit.PREREQUISITE, f"{path} cannot be written: {problem.strerror}") from problem
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
