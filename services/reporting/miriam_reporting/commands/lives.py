"""`miriam reports`: where each report stands."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_reporting.commands.authority import life_database
from miriam_reporting.commands.options import lang_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.commands.tables import print_report
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life import telling
from miriam_reporting.reports.life.published import as_published, definitions_of
from miriam_reporting.reports.model import LEVELS, Figure, Report
from miriam_reporting.reports.words import number, word

_NAMED = 6


@click.command()
@click.argument("which", metavar="[EDITION|REPORT]", required=False)
@click.option("--figures", is_flag=True, help="The figures of REPORT as they were published, not computed again.")
@click.option("--by", type=click.Choice(LEVELS[1:]), help="With --figures: also by CPAS, project or region.")
@lang_option
@json_option
def reports(which: str | None, figures: bool, by: str | None, lang: str, as_json: bool) -> None:
    """Tell the life of each report, of those of EDITION, or of one REPORT: steps, signatures, publications.

    With --figures what REPORT published, which stays when its edition is retired.
    """
    if figures:
        _print_figures(which, by, lang, as_json)
        return
    with reporting_database() as connection, looking(connection):
        found = telling.lives(connection)
        if which is not None:
            of_edition = [each for each in found if which in (each["edition"], each["report"])]
            found = of_edition or [telling.one(connection, which)]
    emit({"reports": found}, as_json, lambda console: _print(console, found, lang))


def _print_figures(which: str | None, by: str | None, lang: str, as_json: bool) -> None:
    if which is None:
        raise Failure(Exit.USAGE, "the figures are of one report", "name it")
    with life_database(lang) as connection:
        kept = as_published(connection, which)
        with looking(connection):
            known = definitions_of(connection, kept.publication).indicators
    data = kept.publication.data
    shown = [Figure.from_json(each) for each in kept.figures]
    report = Report(data["edition"], data["position"], shown, definitions=data["report"])
    emit(kept.as_json(), as_json, lambda console: print_report(console, report, by, lang, known))


def _print(console: Console, found: Sequence[Mapping[str, Any]], lang: str) -> None:
    if len(found) == 1:
        print_one(console, found[0], lang)
        return
    titles = [_word(lang, name) for name in ("report", "edition", "status", "position", "signed", "unsigned")]
    rows = [
        (
            each["report"],
            each["edition"],
            _word(lang, each["status"]),
            number(each["position"], lang),
            f"{len(each['signers']) - len(each['unsigned'])}/{len(each['signers'])}",
            _some(each["unsigned"]),
        )
        for each in found
    ]
    console.print(table("", titles, rows, right=[titles[3]]))


def print_one(console: Console, told: Mapping[str, Any], lang: str) -> None:
    """One report: where it stands, its steps, whose signatures are missing."""
    title = f"{told['report']} · {told['edition']} · {_word(lang, told['status'])}"
    titles = [_word(lang, name) for name in ("step", "day", "actor", "position", "reason")]
    rows = [
        (
            _word(lang, each["step"]),
            each["occurred_on"],
            actor,
            number(each["position"], lang) if "position" in each else "",
            escape(each.get("reason", each.get("unsigned_reason", ""))),
        )
        for each, actor in _together(told["steps"])
    ]
    console.print(table(escape(title), titles, rows, right=[titles[3]]))
    if told["digest"]:
        console.print(f"{_word(lang, 'digest')} {told['digest']}")
    signed = len(told["signers"]) - len(told["unsigned"])
    console.print(f"{_word(lang, 'signed')} {signed}/{len(told['signers'])}")
    if told["unsigned"]:
        console.print(escape(f"{_word(lang, 'unsigned')} {_some(told['unsigned'])}"))


def _together(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The steps with who took them; signatures of one day that follow each other are one line, or nothing is found."""
    for _, group in groupby(steps, key=lambda step: (step["step"], step["occurred_on"], step.get("position"))):
        alike = list(group)
        if alike[0]["step"] == "signed":
            yield alike[0], _some([str(step["actor"]) for step in alike])
        else:
            yield from ((step, str(step["actor"])) for step in alike)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" +{len(names) - _NAMED}" if len(names) > _NAMED else "")


def _word(lang: str, code: str) -> str:
    return word(lang, "life", code)
