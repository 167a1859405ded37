"""`miriam audit walk`: the ten views that auditors ask for."""

import dataclasses
from pathlib import Path
from typing import Any

import click
from psycopg2.extensions import connection as Connection
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, progress, table
from miriam_contracts import ids
from miriam_reporting.audit import words
from miriam_reporting.audit.views import VIEWS, Answer, Question, View, view_of
from miriam_reporting.audit.writing import about, as_csv, as_json, as_text, write, write_csv
from miriam_reporting.commands.looking import look_options, noted
from miriam_reporting.commands.options import lang_option, when_option
from miriam_reporting.commands.source import reporting_database
from miriam_reporting.facts.reading import reading
from miriam_reporting.reports.as_of import resolve
from miriam_reporting.reports.words import number

_ROWS = 40
_PERSON_SHOWN = 12
_ONE_LINE = ("event_id", "first_id", "unit", "occurred_on", "entered_on", "left_on")


@click.command()
@click.argument("edition")
@click.argument("view", required=False)
@when_option
@click.option("--cpas", help="Only what is this CPAS's.")
@click.option("--figure", metavar="CODE", help="Of `indicators` and `events`: this indicator alone.")
@click.option("--part", metavar="KEY=VALUE", help="Of `events`: this part of the figure, as `domain=housing`.")
@click.option("--size", type=click.IntRange(min=1), default=30, show_default=True, help="Of `sample`: units of a kind.")
@click.option("--seed", default="", help="Of `sample`: what it is drawn by.")
@click.option("--format", "form", type=click.Choice(("table", "csv", "json")), default="table", help="How to print it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Into this file; a CSV gets a .meta.json.")
@click.option("--all", "every_row", is_flag=True, help="Every row and column in the table.")
@look_options
@lang_option
@json_option
def walk(
    edition: str,
    view: str | None,
    as_of: str | None,
    cpas: str | None,
    figure: str | None,
    part: str | None,
    size: int,
    seed: str,
    form: str,
    out: Path | None,
    every_row: bool,
    actor: str,
    purpose: str,
    lang: str,
    as_json: bool,
) -> None:
    """Print or export VIEW of EDITION as an auditor asks for it, by name or number; without one, list the ten.

    Pseudonymous, and logged with its purpose before it is answered.
    """
    if part is not None and figure is None:
        raise Failure(Exit.USAGE, "a part is of a figure", "name the figure with --figure")
    form = "json" if as_json else form
    with reporting_database() as connection:
        chosen = view_of(view) if view else None
        when = resolve(connection, as_of)
        asked = Question(edition, when.position, cpas, figure.upper() if figure else None, part, size, seed)
        what = {"command": "audit walk", "view": chosen.name if chosen else "", "format": form}
        told = {name: value for name, value in dataclasses.asdict(asked).items() if value is not None}
        noted(connection, actor, purpose, {**what, **told})
        if chosen is None:
            _list(connection, asked, form, lang)
            return
        answer = chosen.answer(connection, asked)
        described = about(connection, chosen, asked, answer)
    _give(chosen, asked, answer, described, form, out, every_row, lang)


def _give(
    view: View,
    asked: Question,
    answer: Answer,
    described: dict[str, Any],
    form: str,
    out: Path | None,
    every_row: bool,
    lang: str,
) -> None:
    if out is not None:
        try:
            if form == "json" or (form == "table" and out.suffix == ".json"):
                write(out, as_text(as_json(view, answer, described)))
            else:
                write_csv(out, view, answer, described)
        except OSError as problem:
            raise Failure(Exit.PREREQUISITE, f"{out} cannot be written: {problem.strerror}") from problem
        click.echo(f"{out}: {len(answer.rows)}", err=True)
    elif form == "csv":
        click.echo(as_csv(view, answer), nl=False)
    elif form == "json":
        click.echo(as_text(as_json(view, answer, described)), nl=False)
    else:
        emit(None, False, lambda console: print_view(console, view, asked.edition, answer, lang, every_row))


def print_view(console: Console, view: View, edition: str, answer: Answer, lang: str, every: bool = False) -> None:
    """A view as a table: its brief columns that hold something, and its first rows, unless every one is wanted."""
    at = number(answer.position, lang)
    name = words.heading(lang, "title", number=view.number, title=words.title(lang, view), edition=edition, position=at)
    rows = answer.rows if every else answer.rows[:_ROWS]
    kept = [
        (place, each)
        for place, each in enumerate(view.columns)
        if (every or each.brief) and (not rows or any(row[place] is not None for row in rows))
    ]
    cells = [[escape(_short(words.cell(lang, each, row[place]))) for place, each in kept] for row in rows]
    numbers = [
        words.column(lang, each.name)
        for place, each in kept
        if each.words == words.NUMBER or (not each.words and all(isinstance(row[place], int | None) for row in rows))
    ]
    made = table(escape(name), [words.column(lang, each.name) for _, each in kept], cells, right=numbers)
    for shown, (_, each) in zip(made.columns, kept, strict=True):
        shown.no_wrap = each.name in _ONE_LINE
    console.print(made)
    if not rows:
        console.print(words.heading(lang, "nothing"))
    elif len(rows) < len(answer.rows):
        told = {"shown": number(len(rows), lang), "all": number(len(answer.rows), lang)}
        console.print(escape(words.heading(lang, "shown", **told)))


def _short(text: str) -> str:
    # A random id says nothing by its length, and makes every line two; JSON and CSV have it whole.
    return f"{text[:_PERSON_SHOWN]}…" if ids.PERSON_PATTERN.fullmatch(text) else text


def _list(connection: Connection, asked: Question, form: str, lang: str) -> None:
    """The ten views with how many rows each has, all at one position."""
    if asked.as_of is None:
        with reading(connection) as reached:
            asked = dataclasses.replace(asked, as_of=reached)
    counts: dict[str, int | None] = {}
    with progress("views", len(VIEWS), silent=form != "table") as done:
        for view in VIEWS.values():
            # A sample without a seed could be foreseen: none is drawn unasked.
            foreseen = view.name == "sample" and not asked.seed
            counts[view.name] = None if foreseen else len(view.answer(connection, asked).rows)
            done(1)
    told = [
        {"number": view.number, "view": view.name, "title": words.title(lang, view), "rows": counts[view.name]}
        for view in VIEWS.values()
    ]
    result = {"edition": asked.edition, "position": asked.as_of, "cpas": asked.cpas, "views": told}
    if form == "csv":
        click.echo("\r\n".join(["number,view,rows", *(f"{t['number']},{t['view']},{t['rows'] or ''}" for t in told)]))
        return
    emit(result, form == "json", lambda console: _print_list(console, asked, counts, lang))


def _print_list(console: Console, asked: Question, counts: dict[str, int | None], lang: str) -> None:
    at = number(asked.as_of, lang)
    rows = words.heading(lang, "rows")
    cells = []
    for view in VIEWS.values():
        count = counts[view.name]
        counted = words.heading(lang, "seeded") if count is None else number(count, lang)
        cells.append((view.number, view.name, words.title(lang, view), counted, words.says(lang, view)))
    titles = ["", words.heading(lang, "view"), "", rows, words.heading(lang, "says")]
    name = words.heading(lang, "views", edition=asked.edition, position=at)
    console.print(table(escape(name), titles, cells, right=[rows]))
    console.print(escape(words.heading(lang, "more", edition=asked.edition)))
