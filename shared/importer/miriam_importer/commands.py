"""`miriam import FILE`, `miriam import template` and `miriam import kinds`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from miriam_cli import output
from miriam_cli.exits import Exit, Failure
from miriam_contracts.problems import LANGUAGES
from miriam_emitter import Settings, errors
from miriam_emitter.settings import TRANSPORTS
from miriam_importer import template, words
from miriam_importer.errors import FileRejected
from miriam_importer.importing import Importing
from miriam_importer.sheets import SHEETS

_CODES: tuple[tuple[type[errors.EmitterError], Exit], ...] = (
    (errors.EventRejected, Exit.USAGE),
    (errors.Unreachable, Exit.UNREACHABLE),
    (errors.EmitterError, Exit.PREREQUISITE),
)
_FILE = click.Path(dir_okay=False, path_type=Path)
_kind = click.Choice(list(SHEETS))
_lang = click.option("--lang", type=click.Choice(LANGUAGES), help="The language. (that of the file; template: fr)")


class _FileOrCommand(click.Group):
    """A group that takes a file's name where no command of it is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `FILE ...` as `file FILE ...`."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["file", *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=_FileOrCommand, subcommand_metavar="FILE [OPTIONS] | COMMAND ...")
def import_() -> None:
    """Send the rows of a spreadsheet (XLSX or CSV) as facts, and answer beside each row.

    `miriam import FILE --as ID` reads the file, shows what it would do, asks, sends, and writes a copy of the sheet
    with the answers beside the rows. The same file twice changes nothing. `miriam import FILE --help` has its
    options; `miriam import template KIND` writes a file to fill in.
    """


@import_.command("file", hidden=True)
@click.argument("file", type=_FILE)
@click.option("--as", "emitter", required=True, metavar="ID", help="The CPAS, as `miriam cpas add` named it.")
@_lang
@click.option("--kind", type=_kind, help="Which sheet it is, where the file does not say so.")
@click.option("--project", default="", metavar="ID", help="The project of rows that name none.")
@click.option("--spool", type=_FILE, help="A spool other than its usual.")
@click.option("--over", type=click.Choice(TRANSPORTS), help="Over AMQP or HTTP (as the credentials say).")
@click.option("--wait", type=float, metavar="SECONDS", help="How long without any receipt. 0: for ever. (60)")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; send nothing, write nothing.")
@output.json_option
def file_(
    file: Path,
    emitter: str,
    lang: str | None,
    kind: str | None,
    project: str,
    spool: Path | None,
    over: str | None,
    wait: float | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import FILE: read it, show what it would do, send it, and write a copy with the answers beside the rows.

    The copy lies beside the file, readable by its owner alone, and can be mended and imported in its turn. Rows with a
    problem are not sent; all others are.

    Exit code 0: every row is recorded (now or before); 1: some rows have a problem or were refused; 2: the file cannot
    be read; 3: no credentials or keys; 4: no answer within --wait.
    """
    if as_json and not (yes or dry_run):
        raise Failure(Exit.USAGE, "--json asks no question", "add --yes, or --dry-run")
    try:
        settings = Settings.load(emitter, spool, over=over or "", language=lang or "en")
        Importing(file, settings, lang or "", kind or "", project, _today(), as_json).run(wait, yes, dry_run)
    except FileRejected as problem:
        raise Failure(Exit.USAGE, f"{file.name}: {problem}", problem.next_step) from problem
    except errors.EmitterError as problem:
        code = next(code for kind_, code in _CODES if isinstance(problem, kind_))
        raise Failure(code, str(problem.args[0]), problem.next_step) from problem


@import_.command("template")
@click.argument("kind", type=_kind)
@_lang
@click.option("--format", "form", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True)
@click.option("--project", default="", metavar="ID", help="The project of rows that name none; XLSX remembers it.")
@click.option("--out", type=_FILE, help="Where to write it. (named after the sheet, here)")
@output.json_option
def template_(kind: str, lang: str | None, form: str, project: str, out: Path | None, as_json: bool) -> None:
    """Write a file to fill in: lists to choose from, bounds, and a sheet of explanations.

    Exit code 0: written; 2: there is such a file already, or it cannot be written.
    """
    language = lang or "fr"
    sheet = SHEETS[kind]
    content = template.workbook(sheet, language, project) if form == "xlsx" else template.delimited(sheet, language)
    place = out or Path(f"{words.title(kind, language).lower()}.{form}")
    try:
        with place.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise Failure(Exit.USAGE, f"{place} is there already", "give another name with --out") from None
    except OSError as problem:
        raise Failure(Exit.USAGE, f"{place} cannot be written: {type(problem).__name__}", "give --out") from None
    found = {"path": str(place), "kind": kind, "language": language, "format": form}
    output.emit(found, as_json, lambda console: console.print(str(place), markup=False))


@import_.command()
@_lang
@output.json_option
def kinds(lang: str | None, as_json: bool) -> None:
    """List the sheets that there are templates of."""
    language = lang or "en"
    found: list[dict[str, Any]] = [
        {
            "kind": sheet.kind,
            "title": words.title(sheet.kind, language),
            "facts": [words.data("facts")[f"{sheet.family}.{fact}"][language] for fact in sheet.facts],
        }
        for sheet in SHEETS.values()
    ]
    rows = [[each["kind"], each["title"], ", ".join(each["facts"])] for each in found]
    heads = ["kind", words.said("kinds_title", language), words.said("what", language)]
    output.emit(found, as_json, lambda console: console.print(output.table("", heads, rows)))


def _today() -> dt.datetime:
    return dt.datetime.now(ZoneInfo("Europe/Brussels"))
