"""`miriam audit replay`: every published report computed again."""

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit
from miriam_cli.output import emit, json_option, progress, table
from miriam_reporting.commands.authority import life_database
from miriam_reporting.commands.options import lang_option
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life.published import Replayed, publications, replay
from miriam_reporting.reports.words import number, word


@click.command("replay")
@click.argument("report", required=False)
@lang_option
@json_option
def replay_reports(report: str | None, lang: str, as_json: bool) -> None:
    """Compute each publication of the ledger (or of REPORT) again: at its position, by the definitions it was made by.

    Exit code 1: one does not come out as it was published; its figures are named.
    """
    with life_database(lang) as connection:
        with looking(connection):
            total = len(publications(connection, report=report))
        found: list[Replayed] = []
        with progress("publications", total, silent=as_json) as done:
            for each in replay(connection, report):
                found.append(each)
                done(1)
    emit({"publications": [each.as_json() for each in found]}, as_json, lambda console: _print(console, found, lang))
    if any(each.differs for each in found):
        raise click.exceptions.Exit(Exit.DIFFERENCE)


def _print(console: Console, found: list[Replayed], lang: str) -> None:
    titles = [word(lang, "life", name) for name in ("report", "step", "position", "outcome")]
    rows = []
    for each in found:
        outcome = "differs" if each.differs else "retired" if each.retired else "agrees"
        step = "restated" if each.publication.restated else "published"
        told = escape("; ".join((word(lang, "life", outcome), *each.differs)))
        data = each.publication.data
        rows.append((data["report"], word(lang, "life", step), number(data["position"], lang), told))
    console.print(table("", titles, rows, right=[titles[2]]))
