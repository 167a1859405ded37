"""`miriam sign`: a CPAS signs its own figures of a report, here or from its own machine over HTTP."""

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import console as screen
from miriam_cli.output import emit, json_option, table
from miriam_reporting.commands.authority import life_database
from miriam_reporting.commands.options import lang_option
from miriam_reporting.reports.life import signatures, steps
from miriam_reporting.reports.life.errors import Untrue
from miriam_reporting.reports.life.signatures import BadKey
from miriam_reporting.reports.life.signing import Asked, asked
from miriam_reporting.reports.words import number, word

_PATIENCE = 60.0


@click.command()
@click.argument("report")
@click.option("--cpas", required=True, help="The CPAS that signs.")
@click.option(
    "--key", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its Ed25519 private key (PEM), whose public half the authority has registered.",
)  # fmt: skip
@click.option("--url", help="Reporting's address, to sign from another machine (default: the database, as a report).")
@click.option("--token", envvar="MIRIAM_READING_TOKEN", help="The CPAS's reading token, for --url.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@lang_option
@json_option
def sign(
    report: str, cpas: str, key: Path, url: str | None, token: str | None, yes: bool, lang: str, as_json: bool
) -> None:
    """Sign the figures of a CPAS in REPORT. What is signed is printed first, and its digest computed from it here."""
    try:
        private = signatures.read_key(key)
    except BadKey as problem:
        raise Failure(Exit.USAGE, str(problem)) from problem
    public = signatures.public_half(private)

    def signature(asks: Asked) -> str:
        _show(screen(errors=True), asks, lang)
        if asks.key != public:
            told = asks.key or "none"
            raise Failure(Exit.USAGE, f"this key is {public}; registered at position {asks.position} is {told}")
        if not yes:
            click.confirm(word(lang, "life", "sure"), abort=True, err=True)
        return signatures.sign(private, asks.edition, asks.cpas, asks.digest)

    if url is not None:
        door = _Door(url, report, cpas, token or "")
        asks = door.asked()
        result = door.post({"cpas": cpas, "key": public, "signature": signature(asks)})
    else:
        with life_database(lang) as connection:
            asks = asked(connection, report, cpas)
            done = steps.sign(connection, report, cpas, public, signature(asks))
        result = {
            "report": report,
            "cpas": cpas,
            "recorded": True,
            "event_id": done.event_id,
            "sequence": done.sequence,
        }
    result["digest"] = asks.digest
    emit(result, as_json, lambda console: console.print(f"{word(lang, 'life', 'signed')}: {cpas} {asks.digest}"))


def _show(console: Console, asks: Asked, lang: str) -> None:
    """The figures of the CPAS and the message, on standard error, so that --json stays JSON."""
    titles = ["", *(word(lang, "heading", name) for name in ("figure", "numerator", "denominator", "value"))]
    rows = [
        (
            each["code"],
            escape(" ".join(f"{key}={value}" for key, value in each["by"].items() if value != asks.cpas)),
            number(each["numerator"], lang),
            number(each["denominator"], lang),
            number(each["value"], lang),
        )
        for each in asks.figures
    ]
    name = f"{asks.report} · {asks.cpas} · {number(asks.position, lang)}"
    console.print(table(escape(name), titles, rows, right=titles[2:]))
    console.print(escape(asks.message.decode()))


class _Door:
    """Reporting over HTTP, as a CPAS reaches it."""

    def __init__(self, url: str, report: str, cpas: str, token: str) -> None:
        self._base = f"{url.rstrip('/')}/v1/reports/{quote(report, safe='')}"
        self._cpas = cpas
        self._token = token

    def asked(self) -> Asked:
        """What is to be signed, its digest computed here from the figures. Raises Failure."""
        told = self._call(f"{self._base}?cpas={quote(self._cpas, safe='')}", None)
        try:
            asks = Asked.from_json(told["asked"])
            asks.check()
        except (KeyError, ValueError, TypeError) as problem:
            raise Failure(Exit.UNREACHABLE, f"{self._base} does not answer as reporting does") from problem
        except Untrue as problem:
            raise Failure(Exit.DIFFERENCE, str(problem), "do not sign; ask the authority") from problem
        return asks

    def post(self, signature: dict[str, str]) -> dict[str, Any]:
        """Send the signature. Raises Failure."""
        return self._call(f"{self._base}/signatures", json.dumps(signature).encode())

    def _call(self, url: str, body: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(
            url, body, {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                found: dict[str, Any] = json.loads(answer.read())
                return found
        except urllib.error.HTTPError as problem:
            raise Failure(*_refused(problem)) from problem
        except (OSError, HTTPException, ValueError) as problem:
            raise Failure(Exit.UNREACHABLE, f"{self._base} does not answer: {type(problem).__name__}") from problem


def _refused(problem: urllib.error.HTTPError) -> tuple[Exit, str]:
    try:
        told = json.loads(problem.read())
    except (OSError, ValueError):
        told = {}
    rules = " ".join(str(each["title"]["en"]) for each in told.get("problems", ()))
    code = {401: Exit.PREREQUISITE, 404: Exit.USAGE, 400: Exit.USAGE, 422: Exit.DIFFERENCE}
    return code.get(problem.code, Exit.UNREACHABLE), rules or told.get("detail") or f"status {problem.code}"
