"""`miriam audit sample`: women and sessions for an on-the-spot check."""

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.output import emit, json_option, table
from miriam_reporting.audit import words
from miriam_reporting.audit.sample import KINDS, Sample, sample
from miriam_reporting.audit.views import VIEWS, Answer, Column
from miriam_reporting.commands.looking import look_options, noted
from miriam_reporting.commands.options import lang_option, when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.walk import print_view
from miriam_reporting.reports.as_of import resolve
from miriam_reporting.reports.words import number

_KIND = Column("kind", "sample_kind")


@click.command("sample")
@click.argument("edition")
@click.option("--size", type=click.IntRange(min=1), default=30, show_default=True, help="How many of each kind.")
@click.option("--seed", required=True, help="What it is drawn by: rolled in public once the position is fixed.")
@when_option
@click.option("--cpas", help="From this CPAS alone.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind; may be given again.")
@look_options
@lang_option
@json_option
def sample_command(
    edition: str,
    size: int,
    seed: str,
    as_of: str | None,
    cpas: str | None,
    kinds: tuple[str, ...],
    actor: str,
    purpose: str,
    lang: str,
    as_json: bool,
) -> None:
    """Draw women, individual sessions and group sessions of EDITION, stratified by CPAS.

    The same again for the same seed and position, anywhere. Logged with its purpose before it is answered.
    """
    what = {"command": "audit sample", "edition": edition, "size": size, "seed": seed, "as_of": as_of, "cpas": cpas}
    with reporting_database() as connection:
        noted(connection, actor, purpose, {**what, "kinds": list(kinds or KINDS)})
        position = resolve(connection, as_of).position
        drawn = sample(connection, edition, size, seed, position, cpas, kinds or KINDS)
    emit(drawn.as_json(), as_json, lambda console: _print(console, drawn, lang))


def _print(console: Console, drawn: Sample, lang: str) -> None:
    kind, stratum = words.column(lang, "kind"), words.column(lang, "stratum")
    numbers = [words.heading(lang, "population"), words.heading(lang, "drawn")]
    rows = []
    for name, strata in drawn.strata.items():
        spoken = escape(words.cell(lang, _KIND, name))
        rows += [(spoken, s.cpas, number(s.population, lang), number(s.drawn, lang)) for s in strata]
    console.print(table("", [kind, stratum, *numbers], rows, right=numbers))
    view = VIEWS["sample"]
    units = [unit.as_json() for unit in drawn.units]
    listed = [tuple(unit[each.name] for each in view.columns) for unit in units]
    print_view(console, view, drawn.edition, Answer(drawn.position, listed), lang)
