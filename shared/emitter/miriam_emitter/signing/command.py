"""`miriam sign`: what a CPAS signs is printed first, and its digest computed here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli import output
from miriam_cli.exits import Exit, Failure
from miriam_contracts.problems import LANGUAGES
from miriam_emitter.errors import EmitterError, NotConfigured, Unreachable
from miriam_emitter.settings import Settings, find_home
from miriam_emitter.signing import keys
from miriam_emitter.signing.asked import Asked, NotWhatItSays
from miriam_emitter.signing.door import Door, NoSuchReport, SignatureRefused

_CODES: tuple[tuple[type[EmitterError], Exit], ...] = (
    (NotWhatItSays, Exit.DIFFERENCE),
    (NoSuchReport, Exit.USAGE),
    (Unreachable, Exit.UNREACHABLE),
    (EmitterError, Exit.PREREQUISITE),
)


def _spoken() -> str:
    language = os.environ.get("MIRIAM_LANG", "en")[:2].lower()
    return language if language in LANGUAGES else "en"


@click.command()
@click.argument("report")
@click.option("--cpas", "--as", "cpas", required=True, metavar="ID", help="The CPAS that signs.")
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its Ed25519 private key (PEM), whose public half is registered (default: ID.signing.pem by its credentials).",
)  # fmt: skip
@click.option("--url", help="Reporting's address (default: as the CPAS's credentials name it).")
@click.option("--token", envvar="MIRIAM_READING_TOKEN", help="Its reading token (default: that of its credentials).")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=_spoken, help="The language of reasons.")
@output.json_option
def sign(
    report: str,
    cpas: str,
    key: Path | None,
    url: str | None,
    token: str | None,
    yes: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Sign the figures of a CPAS in REPORT, with its own key.

    They are fetched and printed, and their digest is computed here: what is signed is what is shown. It stays signed
    in later drafts while these figures stay the same.
    """
    try:
        private = keys.read_key(key or find_home() / "emitters" / f"{cpas}.signing.pem")
        door = _door(report, cpas, url, token)
        asks = Asked.read(door.ask(), report, cpas)
        public = keys.public_half(private)
        _show(output.console(errors=True), asks)
        if asks.key != public:
            registered = f"registered at position {asks.position}: {asks.key or 'none'}; this one: {public}"
            raise Failure(Exit.USAGE, f"this is not the key of {cpas}", registered)
        if not yes:
            click.confirm(f"{cpas}: sign?", abort=True, err=True)
        told = door.send(public, keys.sign(private, asks.edition, cpas, asks.digest))
    except SignatureRefused as problem:
        raise Failure(Exit.DIFFERENCE, problem.told(lang)) from problem
    except EmitterError as problem:
        code = next(code for kind, code in _CODES if isinstance(problem, kind))
        raise Failure(code, problem.args[0], problem.next_step) from problem
    result = {**told, "digest": asks.digest}
    output.emit(result, as_json, lambda screen: screen.print(f"{cpas}: {asks.digest}", _outcome(told)))


def _door(report: str, cpas: str, url: str | None, token: str | None) -> Door:
    if url is None or token is None:
        settings = Settings.load(cpas)
        url, token = url or settings.reporting_url, token or settings.reading_token
    if not url or not token:
        raise NotConfigured("the credentials name no reporting", "have them made again, or give --url and --token")
    return Door(url, report, cpas, token)


def _outcome(told: Any) -> str:
    return "signed" if told.get("recorded") else "had signed this already"


def _show(screen: Console, asks: Asked) -> None:
    """On standard error, so that --json stays JSON."""
    rows = [
        (
            each["code"],
            escape(" ".join(f"{key}={value}" for key, value in each["by"].items() if value != asks.cpas)),
            *(_cell(each.get(name)) for name in ("numerator", "denominator", "value", "unit")),
        )
        for each in asks.figures
    ]
    right = ["numerator", "denominator", "value"]
    title = escape(f"{asks.report} · {asks.cpas} · position {asks.position}")
    screen.print(output.table(title, ["", "of", *right, ""], rows, right=right))
    screen.print(escape(asks.message.decode()))


def _cell(value: Any) -> str:
    return "–" if value is None else escape(str(value))
