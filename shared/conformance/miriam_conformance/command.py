"""`miriam conformance`."""

from __future__ import annotations

import datetime as dt
import json
import logging
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import click

from miriam_cli import output
from miriam_cli.exits import Exit, Failure
from miriam_conformance.amqp_checks import amqp_checks
from miriam_conformance.checks import CODES
from miriam_conformance.door import DoorSays
from miriam_conformance.http_checks import http_checks
from miriam_conformance.maker import Maker
from miriam_conformance.program import Program
from miriam_conformance.result import Run
from miriam_conformance.trial import program_checks
from miriam_conformance.verdict import Verdict
from miriam_contracts.ids import is_test
from miriam_emitter import Settings
from miriam_emitter.errors import EmitterError, NotConfigured, Unreachable
from miriam_emitter.keys import PublicKeys
from miriam_emitter.settings import find_home

_OWN = [sys.executable, "-m", "miriam_conformance.player"]


@click.command()
@click.option(
    "--cpas", required=True, metavar="ID", help="The test CPAS to play, as `miriam cpas add --test` admitted it."
)
@click.option(
    "--credentials", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its file, if elsewhere."
)
@click.option("--with", "command", metavar="COMMAND", help="The maker's program; our own emitter where none is given.")
@click.option("--over", type=click.Choice(["amqp", "http"]), default="amqp", show_default=True, help="How it sends.")
@click.option("--only", type=click.Choice(["door", "program"]), help="Try the doors alone, or the program alone.")
@click.option("--check", "wanted", multiple=True, metavar="CODE", help="Only this check of the program; repeatable.")
@click.option(
    "--seconds", type=click.FloatRange(1), default=120.0, show_default=True, help="How long one call may take."
)
@click.option(
    "--patience",
    type=click.FloatRange(1),
    default=20.0,
    show_default=True,
    help="Seconds after a call's end in which its receipts may still come to stand at the door.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Also write the table here: .md or .json.")
@output.json_option
def conformance(
    cpas: str,
    credentials: Path | None,
    command: str | None,
    over: str,
    only: str | None,
    wanted: tuple[str, ...],
    seconds: float,
    patience: float,
    out: Path | None,
    as_json: bool,
) -> None:
    """Play a maker's side against a running platform, and print a table for the authority.

    First the doors: what must be recorded, what must be refused and for which rule. Then the maker's program: every
    type, refusals, order, duplicates, lost state, a kill in the middle. It is called as `COMMAND EVENTS.jsonl` with
    MIRIAM_CREDENTIALS (a file), MIRIAM_OVER (amqp or http) and MIRIAM_STATE (a folder of its own) set; it sends each
    line, waits for all receipts, prints each as a line of JSON, and ends with 0.

    Exit code 0: all passed; 1: a check failed; 2: wrong usage, or the CPAS is no test CPAS; 3: no credentials or keys,
    or the program cannot be started; 4: the platform does not answer.
    """
    if not is_test(cpas):
        raise Failure(Exit.USAGE, f"{cpas} is no test CPAS: its events would count", "miriam cpas add --test test-...")
    if out is not None and out.suffix not in (".md", ".json"):
        raise Failure(Exit.USAGE, f"--out {out}: must end in .md or .json", "name such a file")
    unknown = sorted({*wanted} - {*CODES})
    if unknown:
        raise Failure(Exit.USAGE, f"no check is called {', '.join(unknown)}", f"name some of {', '.join(CODES)}")
    for name in ("pika", "miriam_emitter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _failing():
        file = credentials or find_home() / "emitters" / f"{quote(cpas, safe='')}.json"
        settings, door = _known(file, over)
        maker = Maker(cpas)
        argv = shlex.split(command) if command else _OWN
        began, start = dt.datetime.now(dt.UTC), time.monotonic()
        verdicts: list[Verdict] = []
        with tempfile.TemporaryDirectory(prefix="miriam-conformance-") as folder:
            door.skip()
            program = Program(argv, file.resolve(), over, Path(folder), seconds)
            for verdict in _tried(maker, settings, door, program, "program" if wanted else only, wanted, patience):
                verdicts.append(verdict)
                if not as_json:
                    mark = "[green]passed[/]" if verdict.passed else "[red]FAILED[/]"
                    output.console(errors=True).print(f"{mark} {verdict.code}", markup=True)
    run = Run(
        cpas,
        maker.run,
        over,
        command or "miriam emit",
        door.at,
        began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        round(time.monotonic() - start),
        verdicts,
    )
    if out is not None:
        whole = (
            run.as_markdown() if out.suffix == ".md" else json.dumps(run.as_json(), indent=2, ensure_ascii=False) + "\n"
        )
        out.write_text(whole, encoding="utf-8")
    output.emit(run.as_json(), as_json, run.show)
    if not run.passed:
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def _tried(
    maker: Maker,
    settings: Settings,
    door: DoorSays,
    program: Program,
    only: str | None,
    wanted: Sequence[str],
    patience: float,
) -> Iterator[Verdict]:
    if only != "program":
        yield from http_checks(maker, door)
        if settings.amqp_url:
            yield from amqp_checks(maker, settings, door)
    if only != "door":
        yield from program_checks(maker, program, door, PublicKeys(settings.keys_dir), wanted, patience)


def _known(file: Path, over: str) -> tuple[Settings, DoorSays]:
    """The credentials in a file, and the door that they name. Raises NotConfigured."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise NotConfigured(f"no credentials at {file}", f"run `miriam cpas add --test {file.stem}`") from None
    except (OSError, ValueError) as problem:
        raise NotConfigured(f"{file} cannot be read: {type(problem).__name__}", "replace the file") from None
    settings = Settings.of(content | {"over": over}, file.with_suffix(".spool"), file.parent)
    missing = [name for name in ("http_url", "http_token") if not content.get(name)]
    if missing:
        raise NotConfigured(f"the credentials lack {', '.join(missing)}", "admit the test CPAS again")
    ca = str(settings.ca_file) if settings.ca_file else None
    return settings, DoorSays(content["http_url"], content["http_token"], ca)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except NotConfigured as problem:
        raise Failure(Exit.PREREQUISITE, str(problem.args[0]), problem.next_step) from problem
    except Unreachable as problem:
        raise Failure(Exit.UNREACHABLE, str(problem.args[0]), problem.next_step) from problem
    except EmitterError as problem:
        raise Failure(Exit.DIFFERENCE, str(problem.args[0]), problem.next_step) from problem
    except (FileNotFoundError, PermissionError) as problem:
        raise Failure(
            Exit.PREREQUISITE, f"the program cannot be started: {problem.filename}", "check the command of --with"
        ) from problem
