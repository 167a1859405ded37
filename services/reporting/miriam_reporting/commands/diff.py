"""`miriam diff`: which figures changed between two positions, and the events that made them change."""

import click

from miriam_cli.output import emit, json_option
from miriam_reporting.commands.definitions import chosen, definitions_options
from miriam_reporting.commands.diff_tables import print_diff
from miriam_reporting.commands.looking import noted, open_look_options
from miriam_reporting.commands.options import lang_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.reports import LEVELS
from miriam_reporting.reports.diff.asked import MOST, asked_diff


@click.command()
@click.argument("edition")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--by", type=click.Choice(LEVELS[1:]), help="Also by CPAS, project or region.")
@click.option("--only", metavar="CODE", multiple=True, help="Only this indicator; may be given again.")
@definitions_options
@click.option(
    "--most", type=click.IntRange(min=0), default=MOST, show_default=True, metavar="UNITS",
    help="List so many units of each figure; the others are counted together.",
)  # fmt: skip
@click.option("--all", "every_row", is_flag=True, help="Every event, not only the first 40.")
@open_look_options
@lang_option
@json_option
def diff(
    edition: str,
    before: str,
    after: str,
    by: str | None,
    only: tuple[str, ...],
    definitions: str,
    of_report: str | None,
    actor: str,
    purpose: str,
    most: int,
    every_row: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Print each figure of EDITION that is another at B than at A, and the events that made it so.

    A and B are positions of the ledger or days (2024-05-06). Causes: new, late, corrected, retracted, re_matched,
    new_definition. For counts, sums and shares the parts add up to the difference exactly. With `--definitions
    published`, A is counted by the definitions of the publication, and B by today's. Units are single women, under
    pseudonyms: noted in the access log before it is answered.
    """
    levels = ("total", by) if by else ("total",)
    what = {"command": "diff", "edition": edition, "from": before, "to": after, "by": by, "only": list(only)}
    with reporting_database() as connection:
        noted(connection, actor, purpose, {name: each for name, each in what.items() if each})
        found = asked_diff(
            connection,
            edition,
            before,
            after,
            levels,
            only or None,
            chosen(connection, edition, definitions, of_report),
            most,
        )
    emit(found.as_json(), as_json, lambda console: print_diff(console, found, lang, every_row))
