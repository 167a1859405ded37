"""`miriam public`: what anybody may see of what was published."""

from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_reporting.commands.authority import life_database
from miriam_reporting.commands.options import lang_option
from miriam_reporting.commands.tables import print_report
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life.errors import NeverPublished
from miriam_reporting.reports.life.published import definitions_of
from miriam_reporting.reports.model import LEVELS, Report
from miriam_reporting.reports.withholding.public import NotForThePublic, public_report, public_reports
from miriam_reporting.reports.words import number, word


@click.command()
@click.argument("report", required=False)
@click.option("--publication", metavar="EVENT", help="An earlier publication of REPORT (default: the newest).")
@click.option("--by", type=click.Choice(LEVELS[1:]), help="Also by CPAS, project or region.")
@lang_option
@json_option
def public(report: str | None, publication: str | None, by: str | None, lang: str, as_json: bool) -> None:
    """Show what the public is given of REPORT: its figures as published, small cells withheld.

    Without REPORT: every publication that the public is given.
    """
    with life_database(lang) as connection:
        if report is None:
            every = public_reports(connection)
            emit({"publications": every}, as_json, lambda console: _print_every(console, every, lang))
            return
        try:
            found = public_report(connection, report, publication)
        except NeverPublished as problem:
            raise Failure(Exit.USAGE, str(problem), "`miriam public` names what the public is given") from problem
        except NotForThePublic as problem:
            raise Failure(Exit.PREREQUISITE, str(problem)) from problem
        with looking(connection):
            known = definitions_of(connection, found.publication).indicators
    data = found.publication.data
    shown = Report(data["edition"], data["position"], found.figures, definitions=report)

    def tell(console: Console) -> None:
        print_report(console, shown, by, lang, known)
        told = word(lang, "heading", "withheld")
        console.print(told.format(count=number(found.withheld, lang), all=number(len(found.figures), lang)))

    emit(found.as_json(), as_json, tell)


def _print_every(console: Console, every: list[dict[str, Any]], lang: str) -> None:
    titles = [word(lang, "life", name) for name in ("report", "edition", "day", "position")]
    rows = [
        (escape(each["report"]), escape(each["edition"]), each["occurred_on"], number(each["position"], lang))
        for each in every
    ]
    console.print(table("", titles, rows, right=[titles[3]]))
