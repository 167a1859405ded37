"""`miriam explain`: the evidence behind a figure."""

from typing import Any

import click
from psycopg2.extensions import connection as Connection
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option
from miriam_reporting.audit.event import NotProved, with_proofs
from miriam_reporting.commands.definitions import chosen, definitions_options
from miriam_reporting.commands.looking import noted, open_look_options
from miriam_reporting.commands.options import lang_option, when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.tables import print_explanation
from miriam_reporting.reports import Explanation
from miriam_reporting.reports import explain as explanation
from miriam_reporting.reports.as_of import answered, resolve
from miriam_reporting.reports.leaves import located
from miriam_reporting.reports.words import number, word


@click.command()
@click.argument("edition")
@click.argument("code")
@click.option("--cpas", help="The figure of this CPAS.")
@click.option("--project", help="The figure of this project.")
@click.option("--region", help="The figure of this region.")
@click.option("--part", metavar="KEY=VALUE", help="The part, as `domain=housing` (default: the first).")
@when_option
@click.option("--all", "every_row", is_flag=True, help="Every row, not only the first 40.")
@click.option("--proofs", is_flag=True, help="Prove that the ledger holds each row's leaf; --json prints the proofs.")
@definitions_options
@open_look_options
@lang_option
@json_option
def explain(
    edition: str,
    code: str,
    cpas: str | None,
    project: str | None,
    region: str | None,
    part: str | None,
    as_of: str | None,
    every_row: bool,
    proofs: bool,
    definitions: str,
    of_report: str | None,
    actor: str,
    purpose: str,
    lang: str,
    as_json: bool,
) -> None:
    """Print the figure CODE of EDITION and each event that counts in it, or was left out and why.

    Units are single women, under pseudonyms: noted in the access log before it is answered.
    """
    asked = [(level, value) for level, value in (("cpas", cpas), ("project", project), ("region", region)) if value]
    if len(asked) > 1:
        raise Failure(Exit.USAGE, "a figure is of one CPAS, one project or one region", "give one of the three")
    level, value = asked[0] if asked else ("total", "")
    what = {"command": "explain", "edition": edition, "figure": code.upper(), "part": part, "as_of": as_of}
    with reporting_database() as connection:
        noted(connection, actor, purpose, {name: each for name, each in (what | dict(asked)).items() if each})
        by_which = chosen(connection, edition, definitions, of_report)
        when = resolve(connection, as_of)
        found = explanation(connection, edition, code.upper(), part, level, value, when.position, by_which)
        found = located(connection, answered(connection, found, when))
        told = _proved(connection, found) if proofs else found.as_json()

    def render(console: Console) -> None:
        print_explanation(console, found, lang, every_row, by_which.indicators)
        if proofs:
            counts = {"count": len({row.position for row in found.evidence}), "size": told["head"]["size"]}
            sentence = word(lang, "heading", "proved")
            console.print(sentence.format(**{name: number(each, lang) for name, each in counts.items()}))

    emit(told, as_json, render)


def _proved(connection: Connection, found: Explanation) -> dict[str, Any]:
    try:
        return with_proofs(connection, found)
    except NotProved as wrong:
        raise Failure(Exit.DIFFERENCE, str(wrong), "run `miriam audit verify`") from wrong
