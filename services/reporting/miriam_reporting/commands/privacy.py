"""`miriam privacy requests`: the data protection officer's register of requests of persons."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from psycopg2.extensions import connection as Connection
from rich.console import Console
from rich.markup import escape

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_reporting.commands.options import lang_option
from miriam_reporting.commands.source import deployment_home, reporting_database
from miriam_reporting.privacy import register, telling
from miriam_reporting.privacy.codes import ERASURE_GROUNDS, EXTENSION_REASONS, REFUSAL_GROUNDS, RIGHTS
from miriam_reporting.privacy.domain import STEPS, Problem, Step
from miriam_reporting.privacy.register import Kept, StepRefused
from miriam_reporting.privacy.women import persons_of
from miriam_reporting.privacy.words import article, told, word

ACTOR = "MIRIAM_ACTOR"
_REFUSALS = sorted({ground for grounds in REFUSAL_GROUNDS.values() for ground in grounds})
_DAY = click.DateTime(["%Y-%m-%d"])


def officer() -> str:
    """The one data protection officer whom the local deployment admits, as `dpo.spp-is-dpo`; empty where not one."""
    home = deployment_home()
    known = [json.loads(file.read_text("utf-8")) for file in sorted((home / "emitters").glob("*.json"))] if home else []
    found = [each["id"] for each in known if each.get("kind") == "dpo"]
    return f"dpo.{found[0]}" if len(found) == 1 else ""


_actor_option = click.option(
    "--actor", envvar=ACTOR, default=officer, metavar="dpo.ID",
    help=f"Which officer takes the step (default: {ACTOR}, else the officer of the local deployment).",
)  # fmt: skip


@click.group()
def requests() -> None:
    """Requests of persons for access, rectification, erasure, restriction, objection, with their deadlines.

    A request is known by the reference of your own file, a woman by her pseudonym: never write a name or a national
    number here. Exit code 1: the step is refused, and why.
    """


@requests.command("list")
@click.option("--open", "waiting", is_flag=True, help="Only those that are not closed.")
@lang_option
@json_option
def list_requests(waiting: bool, lang: str, as_json: bool) -> None:
    """Print the requests: those that wait by their deadlines, then the closed ones, the newest first."""
    with reporting_database() as connection, connection:
        found = [each for each in register.requests(connection) if not (waiting and each.request.closed_on)]
    day = register.today()
    emit([telling.as_json(each, day) for each in found], as_json, lambda console: _print(console, found, day, lang))


@requests.command("show")
@click.argument("reference")
@lang_option
@json_option
def show_request(reference: str, lang: str, as_json: bool) -> None:
    """Print one request with its steps."""
    with reporting_database() as connection, connection:
        found = register.request_of(connection, reference)
    if found is None:
        raise Failure(Exit.USAGE, "there is no request of that reference", "miriam privacy requests list")
    _one(found, lang, as_json)


@requests.command("add")
@click.argument("reference")
@click.option("--right", required=True, type=click.Choice(list(RIGHTS)), help="What she asks for.")
@click.option("--received-on", required=True, type=_DAY, help="The day on which it came, wherever it came in.")
@_actor_option
@lang_option
@json_option
def add_request(reference: str, right: str, received_on: dt.datetime, actor: str, lang: str, as_json: bool) -> None:
    """Enter a request under the REFERENCE of your own file."""
    step = Step("received", received_on.date(), {"right": right})
    with _taking(lang) as connection:
        added = register.add(connection, reference, step, actor)
    _one(added, lang, as_json)


@requests.command("step")
@click.argument("reference")
@click.argument("name", type=click.Choice(STEPS[1:]))
@click.option("--on", "day", type=_DAY, help="The day of the step (default: today in Brussels).")
@click.option("--person", "persons", multiple=True, metavar="prs-...", help="identified: a record of hers. Repeatable.")
@click.option(
    "--participation", "participations", multiple=True, metavar="ID", help="identified: or her participation."
)
@click.option("--reason", type=click.Choice(list(EXTENSION_REASONS)), help="extended: why it takes longer.")
@click.option(
    "--ground", type=click.Choice(sorted({*ERASURE_GROUNDS, *_REFUSALS})), help="refused, or done of an erasure: why."
)
@click.option("--event", "events", multiple=True, metavar="ID", help="done: an event that did it. Repeatable.")
@click.option("--nothing-held", is_flag=True, help="done: no data of hers are held.")
@_actor_option
@lang_option
@json_option
def step_request(
    reference: str, name: str, day: dt.datetime | None, persons: tuple[str, ...], participations: tuple[str, ...],
    reason: str | None, ground: str | None, events: tuple[str, ...], nothing_held: bool,
    actor: str, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Take a step of the request REFERENCE: identified, extended, done, refused, withdrawn.

    An erasure is done when the ledger says that she is erased (`miriam erase`); the register then names those events.
    """
    given: dict[str, Any] = {"reason": reason, "ground": ground, "events": list(events), "nothing_held": nothing_held}
    data = {key: value for key, value in given.items() if value}
    with _taking(lang) as connection:
        if name == "identified":
            data["persons"] = sorted({*persons, *_persons(connection, participations)})
        on = day.date() if day else register.today()
        taken = register.add(connection, reference, Step(name, on, data), actor)
    _one(taken, lang, as_json)


def _persons(connection: Connection, participations: tuple[str, ...]) -> list[str]:
    found = persons_of(connection, participations) if participations else []
    if participations and not found:
        raise StepRefused([Problem("persons", "unknown_person")])
    return found


@contextmanager
def _taking(lang: str) -> Iterator[Connection]:
    """A transaction for a step; its refusal leaves as a Failure, in that language."""
    with reporting_database() as connection:
        try:
            with connection:
                yield connection
        except StepRefused as refused:
            why = " ".join(told(lang, each) for each in refused.problems)
            unnamed = any(each.field == "actor" for each in refused.problems)
            hint = f"name the officer with --actor, or set {ACTOR}" if unnamed else "miriam privacy requests list"
            raise Failure(Exit.DIFFERENCE, why, hint) from refused


def _one(found: Kept, lang: str, as_json: bool) -> None:
    day = register.today()
    emit(telling.as_json(found, day), as_json, lambda console: _print_steps(console, found, day, lang))


def _print(console: Console, found: list[Kept], day: dt.date, lang: str) -> None:
    rows = [
        (
            each.reference,
            f"{word(lang, 'right', each.request.right)} ({article(lang, RIGHTS[each.request.right])})",
            each.request.received_on,
            word(lang, "state", each.request.state),
            each.request.deadline,
            telling.left(lang, each.request, day),
        )
        for each in found
    ]
    titles = [word(lang, "column", name) for name in ("reference", "right", "received_on", "state", "deadline", "left")]
    console.print(table("", titles, rows))


def _print_steps(console: Console, found: Kept, day: dt.date, lang: str) -> None:
    _print(console, [found], day, lang)
    rows = [
        (taken.number, taken.step.on, word(lang, "step", taken.step.name), taken.actor,
         escape(telling.says(lang, found.request, taken.step)))
        for taken in found.steps
    ]  # fmt: skip
    titles = ["", *(word(lang, "column", name) for name in ("on", "step", "actor", "says"))]
    console.print(table("", titles, rows, right=[""]))
