"""`miriam emit --reconcile`: the reconciliation as a command, with its exit codes."""

from __future__ import annotations

from pathlib import Path

import click

from miriam_cli import output
from miriam_cli.exits import Exit, Failure
from miriam_emitter.errors import NotConfigured
from miriam_emitter.reconcile.believing import TRUST, NotCosigned, trusted
from miriam_emitter.reconcile.papers import Papers
from miriam_emitter.reconcile.run import reconcile
from miriam_emitter.reconcile.showing import show
from miriam_emitter.settings import Settings
from miriam_transparency.log import LogRefused, LogUnreachable


def run(settings: Settings, trust: Path | None, wait: float, as_json: bool) -> None:
    """Reconcile, print, and leave with DIFFERENCE where something differs. Raises EmitterError and Failure."""
    if not settings.reporting_url or not settings.reading_token:
        raise NotConfigured("the credentials name no ledger", "have them made again: `miriam up` does")
    keys = trusted(trust or settings.keys_dir / TRUST)
    with Papers(settings.spool) as papers:
        total = papers.count()
    try:
        with output.progress(f"Reconciling {settings.id}", total, silent=as_json) as advance:
            found = reconcile(settings, keys, wait=wait, tell=advance)
    except NotCosigned as problem:
        raise Failure(Exit.PREREQUISITE, str(problem), "run `miriam audit witness`, or ask the authority") from problem
    except LogUnreachable as problem:
        raise Failure(Exit.UNREACHABLE, str(problem), "try again later, or ask the operator") from problem
    except LogRefused as problem:
        raise Failure(
            Exit.UNREACHABLE, f"the ledger refuses: {problem}", "have the credentials made again"
        ) from problem
    output.emit(found.as_json(), as_json, lambda console: show(console, found))
    if found.total:
        raise click.exceptions.Exit(Exit.DIFFERENCE)
