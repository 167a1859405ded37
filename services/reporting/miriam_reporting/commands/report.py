"""`miriam report`: the figures of an edition."""

import click

from miriam_cli.output import emit, json_option
from miriam_reporting.commands.definitions import chosen, definitions_options
from miriam_reporting.commands.options import lang_option, when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.tables import print_report
from miriam_reporting.reports import LEVELS, UnknownIndicator
from miriam_reporting.reports.as_of import answered, looking, resolve
from miriam_reporting.reports.current import report as quick
from miriam_reporting.reports.leaves import of_tests


@click.command()
@click.argument("edition")
@when_option
@click.option("--by", type=click.Choice(LEVELS[1:]), help="Also by CPAS, project or region.")
@click.option("--only", metavar="CODE", multiple=True, help="Only this indicator; may be given again.")
@definitions_options
@lang_option
@json_option
def report(
    edition: str,
    as_of: str | None,
    by: str | None,
    only: tuple[str, ...],
    definitions: str,
    of_report: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Print the figures of EDITION: numerator, denominator, value, what was left out and why.

    With --as-of the same again for ever, byte for byte: by position, or by day, which means the last head of the ledger
    that was signed until its end.
    """
    levels = ("total", by) if by else ("total",)
    with reporting_database() as connection:
        by_which = chosen(connection, edition, definitions, of_report)
        for code in only:
            if code not in by_which.indicators:
                raise UnknownIndicator(code, list(by_which.indicators))
        when = resolve(connection, as_of)
        found = quick(connection, edition, when.position, levels, only or None, by_which)
        found = answered(connection, found, when)
        with looking(connection):
            tests = of_tests(connection, found.position)
    emit(
        found.as_json(),
        as_json,
        lambda console: print_report(console, found.as_report(), by, lang, by_which.indicators, tests),
    )
