"""`miriam report`: the figures of an edition."""

import click

from miriam_cli.output import emit, json_option
from miriam_reporting.commands.options import as_of_option, lang_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.tables import print_report
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports import LEVELS, UnknownIndicator, compute


@click.command()
@click.argument("edition")
@as_of_option
@click.option("--by", type=click.Choice(LEVELS[1:]), help="Also by CPAS, project or region.")
@click.option("--only", metavar="CODE", multiple=True, help="Only this indicator; may be given again.")
@lang_option
@json_option
def report(edition: str, as_of: int | None, by: str | None, only: tuple[str, ...], lang: str, as_json: bool) -> None:
    """Print the figures of EDITION: numerator, denominator, value, what was left out and why."""
    levels = ("total", by) if by else ("total",)
    with reporting_database() as connection:
        for code in only:
            if code not in indicators():
                raise UnknownIndicator(code, list(indicators()))
        found = compute(connection, edition, as_of, levels, only or None)
    emit(found.as_json(), as_json, lambda console: print_report(console, found, by, lang))
