"""`miriam projections status` and `miriam projections rebuild`."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import click
import psycopg2
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, progress, table
from miriam_platform.migrate import app_role_of
from miriam_reporting.commands.source import database_url, environment, reporting_database
from miriam_reporting.facts.comparison import Difference
from miriam_reporting.facts.rebuild import FactsDiffer, ReadersInTheWay, RebuildRunning, Rebuilt, rebuild
from miriam_reporting.facts.status import status

_OWNER = "MIRIAM_MIGRATION_URL"


@click.command("status")
@json_option
def show_status(as_json: bool) -> None:
    """Print how far the facts are behind the ledger, what they were made from, and the last rebuild."""
    with reporting_database() as connection:
        found = status(connection)
    emit(found, as_json, lambda console: _print_status(console, found))


@click.command("rebuild")
@click.option("--swap-anyway", is_flag=True, help="Swap although the new facts differ from the old.")
@click.option(
    "--patience", type=click.FloatRange(min=0), default=600.0, show_default=True, metavar="SECONDS",
    help="How long to try the swap while somebody reads without a pause.",
)  # fmt: skip
@json_option
def rebuild_facts(swap_anyway: bool, patience: float, as_json: bool) -> None:
    """Fill the facts anew from the ledger beside the old ones, compare, and swap in one transaction.

    Reading and projecting go on. Where old and new differ nothing is swapped, and the events concerned are named (exit
    code 1).
    """
    role = app_role_of(database_url())
    owner = environment().get(_OWNER)
    if not owner:
        raise Failure(Exit.PREREQUISITE, "the owner's address of the database is not known", f"set {_OWNER}")
    try:
        with ExitStack() as bars:
            done = rebuild(owner, role, swap_anyway=swap_anyway, tell=_Bars(bars, as_json), patience=patience)
    except FactsDiffer as found:
        differences = found.differences
        told = {"swapped": False, "differences": [_difference(each) for each in differences]}
        emit(told, as_json, lambda console: _print_differences(console, differences))
        raise Failure(
            Exit.DIFFERENCE, "the facts were not what the ledger says; nothing was swapped",
            "look at these events (`miriam audit event`), then rebuild with --swap-anyway",
        ) from found  # fmt: skip
    except RebuildRunning as wrong:
        raise Failure(Exit.PREREQUISITE, str(wrong), "wait for it: `miriam projections status`") from wrong
    except ReadersInTheWay as wrong:
        raise Failure(Exit.UNREACHABLE, str(wrong), "try again, with more --patience") from wrong
    except psycopg2.OperationalError as wrong:
        raise Failure(Exit.UNREACHABLE, "the reporting database does not answer", "run `miriam status`") from wrong
    emit(_told(done), as_json, lambda console: _print_done(console, done))


class _Bars:
    """A progress bar for each step of a rebuild, one after another."""

    def __init__(self, stack: ExitStack, silent: bool) -> None:
        self._stack = stack
        self._silent = silent
        self._step = ""
        self._done = 0
        self._advance: Callable[[int], None] = lambda more: None

    def __call__(self, step: str, done: int, of: int) -> None:
        """Sessions tell their own progress, so what is done may come out of order."""
        if step != self._step:
            self._stack.close()
            self._step, self._done = step, 0
            self._advance = self._stack.enter_context(progress(step, of, silent=self._silent))
        if done > self._done:
            self._advance(done - self._done)
            self._done = done


def _told(done: Rebuilt) -> dict[str, Any]:
    differences = [_difference(each) for each in done.differences]
    return {"swapped": True, "position": done.position, "compared": done.compared, "differences": differences}


def _difference(each: Difference) -> dict[str, Any]:
    return {"table": each.table, "missing": each.missing, "added": each.added, "events": list(each.event_ids)}


def _print_done(console: Console, done: Rebuilt) -> None:
    against = "they are the old ones" if done.compared else "the old ones were of another definition: not compared"
    if done.differences:
        against = "swapped although they differ"
    console.print(f"Facts filled anew from {done.position} leaves; {against}.")


def _print_differences(console: Console, differences: Sequence[Difference]) -> None:
    rows = [
        (each.table if turn == 0 else "", each.missing if turn == 0 else "", each.added if turn == 0 else "", event)
        for each in differences
        for turn, event in enumerate(each.event_ids)
    ]
    console.print(table("Rows that are not as the ledger says", ["Facts", "Missing", "Added", "Event"], rows))


def _print_status(console: Console, found: dict[str, Any]) -> None:
    lag, made, last = found["lag"], found["definition"], found["rebuild"]
    behind = f"{lag['leaves']} behind, for {lag['seconds']} s" if lag["leaves"] else "at the ledger's head"
    console.print(f"Position {found['position']} of {found['head']}: {behind}; moved {found['moved_at']}")
    same = "as this code has it" if made["same"] else f"this code has {made['code'][:12]}: rebuild, or use other code"
    console.print(f"Definition {made['facts'][:12]}, {same}")
    if last is None:
        console.print("Never rebuilt.")
    else:
        outcome = last["outcome"] or "running, or killed a moment ago"
        console.print(f"Last rebuild: {outcome}, begun {last['began_at']}, ended {last['ended_at'] or '–'}")
    rows = [(name, each["rows"], each["standing"]) for name, each in found["tables"].items()]
    console.print(table("Rows", ["Facts", "Versions", "Standing"], rows, right=["Versions", "Standing"]))
