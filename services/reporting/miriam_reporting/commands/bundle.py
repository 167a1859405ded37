"""`miriam audit bundle`: one zip from which an auditor recomputes a report, offline."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, progress, table
from miriam_platform.times import now
from miriam_reporting.audit.bundle import Asked, BundleError, Made, NotSigned, Scope, make
from miriam_reporting.commands.looking import look_options, noted
from miriam_reporting.commands.options import when_option
from miriam_reporting.commands.source import environment, reporting_database
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.reports.as_of import resolve
from miriam_reporting.reports.life.errors import NotCosigned, Untrue
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency.keys import KeyFileError, SigningKey

_NEXT = "run `miriam audit verify`"


@click.command()
@click.argument("edition")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write, as FILE.zip."
)
@when_option
@click.option("--whole-ledger", "kind", flag_value="ledger", default="ledger", help="Every leaf (the default).")
@click.option(
    "--edition-only", "kind", flag_value="edition", help="Only the leaves that this edition's figures rest on."
)
@click.option("--cpas", default="", metavar="ID", help="Only the leaves of this CPAS, and its figures.")
@click.option(
    "--wait", type=click.FloatRange(min=0), default=10.0, show_default=True,
    help="Seconds to wait for a head that covers the position and that the authority cosigned.",
)  # fmt: skip
@look_options
@json_option
def bundle(
    edition: str,
    out: Path,
    as_of: str | None,
    kind: str,
    cpas: str,
    wait: float,
    actor: str,
    purpose: str,
    as_json: bool,
) -> None:
    """Write an audit bundle of EDITION: its leaves, proofs, figures, evidence and definitions.

    It holds pseudonymous data of women, so it is logged with its purpose before it is made. Whoever has it checks it by
    `python3 miriam_verify.py --key AUTHORITY.pub FILE.zip`, with nothing but Python.
    """
    if cpas and kind != "ledger":
        raise Failure(Exit.USAGE, "a bundle is of an edition or of a CPAS", "give --edition-only or --cpas")
    scope = Scope("cpas", cpas) if cpas else Scope("edition" if kind == "edition" else "ledger")
    signer, trust = _keys()
    with reporting_database() as connection, _told_failures():
        when = resolve(connection, as_of)
        what = {
            "command": "audit bundle",
            "edition": edition,
            "as_of": as_of,
            "scope": scope.as_json(),
            "file": out.name,
        }
        number = noted(connection, actor, purpose, what)
        asked = Asked(edition, scope, when.position, out, signer, trust, wait)
        with progress("Writing the bundle", None, silent=as_json) as advance:
            made = make(connection, asked, lambda _, lines: advance(lines))
    _log(made, number)
    emit(_as_json(made), as_json, lambda console: _show(console, made))


def _keys() -> tuple[SigningKey, Trust]:
    told = environment().get("MIRIAM_KEYS_DIR")
    if not told:
        raise Failure(Exit.PREREQUISITE, "the log's keys are not known here", "run `miriam up`, or set MIRIAM_KEYS_DIR")
    folder = Path(told)
    try:
        return LogKeys(folder).current(), Trust.of_folder(folder)
    except KeyFileError as problem:
        raise Failure(Exit.PREREQUISITE, str(problem), "run `miriam audit keygen`") from problem
    except NotCosigned as problem:
        raise Failure(Exit.PREREQUISITE, str(problem), "run `miriam audit keygen` for the authority") from problem


@contextmanager
def _told_failures() -> Iterator[None]:
    try:
        yield
    except NotSigned as problem:
        raise Failure(Exit.PREREQUISITE, str(problem), "start the log and `miriam audit witness`, or wait") from problem
    except BundleError as problem:
        raise Failure(Exit.USAGE, str(problem)) from problem
    except Untrue as problem:
        raise Failure(Exit.DIFFERENCE, str(problem), _NEXT) from problem
    except OSError as problem:
        raise Failure(Exit.PREREQUISITE, f"the bundle cannot be written: {problem.strerror}") from problem


def _log(made: Made, look: int) -> None:
    """Tell the operator, in a line as the services' log has them: what was made, and its number in the access log."""
    line = {
        "count": made.held,
        "event": "bundle_made",
        "level": "info",
        "name": made.edition,
        "process": "bundle",
        "sequence": look,
        "service": "reporting",
        "timestamp": now().isoformat(),
    }
    click.echo(json.dumps(line), err=True)


def _as_json(made: Made) -> dict[str, Any]:
    return {
        "file": str(made.path),
        "edition": made.edition,
        "scope": made.scope.as_json(),
        "position": made.position,
        "checkpoint": made.checkpoint,
        "leaves": made.held,
        "figures": made.figures,
        "evidence": made.rows,
        "indicators": made.codes,
        "manifest": made.manifest,
    }


def _show(console: Console, made: Made) -> None:
    told = _as_json(made)
    rows = [(name, told[name]) for name in ("position", "checkpoint", "leaves", "figures", "evidence")]
    console.print(table("", ["what", "number"], rows, right=["number"]))
    console.print(f"SHA-256 of its manifest: {made.manifest}")
    console.print(f"Check it by: python3 miriam_verify.py --key AUTHORITY.pub {made.path}")
