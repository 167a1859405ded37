"""`miriam draft`, `publish`, `restate`, `reopen`: what the authority does with a report."""

import time
from typing import Any

import click
from psycopg2.extensions import connection as Connection
from rich.console import Console
from rich.markup import escape

from miriam_cli.output import emit, json_option
from miriam_reporting.commands.authority import actor_option, life_database, named, trust
from miriam_reporting.commands.lives import print_one
from miriam_reporting.commands.options import lang_option, when_option
from miriam_reporting.reports.as_of import looking, resolve
from miriam_reporting.reports.life import steps, telling
from miriam_reporting.reports.life.errors import NotCosigned
from miriam_reporting.reports.life.events import Step

_unsigned_option = click.option(
    "--reason", "unsigned_reason", help="Why it is published although signatures are missing; shown for ever."
)

_wait_option = click.option(
    "--wait", type=click.FloatRange(0, 600), default=10.0, show_default=True, metavar="SECONDS",
    help="How long to wait for the authority's cosignature.",
)  # fmt: skip
_PAUSE = 0.5


@click.command()
@click.argument("edition")
@when_option
@click.option("--report", help="Which report (default: the edition's open one, or its first).")
@actor_option
@lang_option
@json_option
def draft(edition: str, as_of: str | None, report: str | None, actor: str, lang: str, as_json: bool) -> None:
    """Draft a report of EDITION, or draft it again: its figures at a position, for the CPAS to sign.

    A signature stays where the figures of its CPAS are the same as before.
    """
    with life_database(lang) as connection:
        when = resolve(connection, as_of)
        done = steps.draft(connection, edition, named(actor), when, report)
        _tell(connection, done, lang, as_json)


@click.command()
@click.argument("report")
@_unsigned_option
@_wait_option
@actor_option
@lang_option
@json_option
def publish(report: str, unsigned_reason: str | None, wait: float, actor: str, lang: str, as_json: bool) -> None:
    """Publish REPORT as it was drafted, after computing it again. What comes later never changes it.

    It needs a head of the ledger that the authority cosigned (`miriam audit witness`), and every signature or a reason.
    """
    trusted = trust()
    with life_database(lang) as connection:
        done = _published(connection, wait, (report, named(actor), trusted, unsigned_reason))
        _tell(connection, done, lang, as_json)


@click.command()
@click.argument("report")
@click.option("--because", required=True, help="Why other figures take the place of those published.")
@_unsigned_option
@_wait_option
@actor_option
@lang_option
@json_option
def restate(
    report: str, because: str, unsigned_reason: str | None, wait: float, actor: str, lang: str, as_json: bool
) -> None:
    """Publish REPORT anew, in place of what was published before, which stays to be seen.

    It was reopened and drafted again before, and needs the same as `miriam publish`.
    """
    trusted = trust()
    with life_database(lang) as connection:
        done = _published(connection, wait, (report, named(actor), trusted, unsigned_reason, because))
        _tell(connection, done, lang, as_json)


@click.command()
@click.argument("report")
@click.option("--reason", required=True, help="Why it is reopened; shown for ever.")
@actor_option
@lang_option
@json_option
def reopen(report: str, reason: str, actor: str, lang: str, as_json: bool) -> None:
    """Reopen REPORT, so that it can be drafted again and restated. What was published stays as it is."""
    with life_database(lang) as connection:
        done = steps.reopen(connection, report, named(actor), reason)
        _tell(connection, done, lang, as_json)


def _published(connection: Connection, wait: float, asked: tuple[Any, ...]) -> Step:
    """Publish; where the cosignature is missing, look again until the time is over."""
    until = time.monotonic() + wait
    while True:
        try:
            return steps.publish(connection, *asked)
        except NotCosigned:
            if time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)


def _tell(connection: Connection, done: Step, lang: str, as_json: bool) -> None:
    with looking(connection):
        told = telling.one(connection, str(done.data["report"]))
    result = {"step": done.fact, "event_id": done.event_id, "sequence": done.sequence, "data": dict(done.data)}

    def show(console: Console) -> None:
        console.print(escape(f"{done.fact}: {done.event_id}"))
        print_one(console, told, lang)

    emit(result, as_json, show)
