"""`miriam refusals` and `miriam parked`: what stands at the doors, and what to do with it.

They write an operator's decision into the service's database; the inbox of that service carries it out within seconds,
and the sender gets a receipt. No payload is shown: it stays sealed.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg2
from psycopg2.extensions import connection as Connection
from rich.console import Console

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_contracts.problems import LANGUAGES, describe
from miriam_platform import database, operating
from miriam_platform.operating import KeptRefusal, ParkedEvent
from miriam_platform.times import timestamp

service_argument = click.argument("service", type=click.Choice(RECORDING_SERVICES))
service_option = click.option("--service", type=click.Choice(RECORDING_SERVICES), help="Only this service's door.")
emitter_option = click.option("--emitter", metavar="ID", help="Only what this emitter sent.")
limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most.")


@click.group()
def refusals() -> None:
    """Refused events: list and show them, have them tried again, give them up."""


@refusals.command("list")
@service_option
@emitter_option
@click.option("--rule", metavar="CODE", help="Only what this rule refused first.")
@click.option("--all", "everything", is_flag=True, help="Also those that were tried again or given up.")
@limit_option
@json_option
def list_refusals(
    service: str | None, emitter: str | None, rule: str | None, everything: bool, limit: int, as_json: bool
) -> None:
    """List refused events, the newest first: who sent them, when, and which rule they broke."""
    found: list[dict[str, Any]] = []
    for name in _services(service):
        with _database(name) as connection:
            status = None if everything else "kept"
            kept = operating.refusals(connection, emitter=emitter, rule=rule, status=status, limit=limit)
            found += [_refusal(name, refusal) for refusal in kept]

    def render(console: Console) -> None:
        columns = ("service", "number", "emitter", "id", "rule", "field", "times", "last", "status")
        rows = [
            (r["service"], r["number"], r["emitter"], r["id"], r["problems"][0]["code"], r["problems"][0]["field"],
             r["times"], r["last_refused_at"][:19], r["status"])
            for r in found
        ]  # fmt: skip
        console.print(table("refusals", columns, rows, right=("number", "times")))

    emit({"refusals": found}, as_json, render)


@refusals.command("show")
@service_argument
@click.argument("number", type=int)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the rules.")
@json_option
def show_refusal(service: str, number: int, lang: str, as_json: bool) -> None:
    """Show one refusal: every rule that was broken, in words."""
    with _database(service) as connection:
        found = operating.refusals(connection, number=number)
    if not found:
        raise _not_there(f"{service} has no refusal number {number}", "miriam refusals list --all")
    shown = _refusal(service, found[0])
    sentences = [describe(problem, lang) for problem in found[0].problems]

    def render(console: Console) -> None:
        console.print(table("", ("", ""), [(name, value) for name, value in shown.items() if name != "problems"]))
        for sentence in sentences:
            console.print(f"- {sentence}", markup=False)

    emit({**shown, "sentences": sentences}, as_json, render)


@refusals.command("retry")
@service_argument
@click.argument("number", type=int)
@json_option
def retry_refusal(service: str, number: int, as_json: bool) -> None:
    """Have a refused event tried again, for instance after a rule was mended."""
    with _database(service) as connection:
        _done(operating.retry_refusal(connection, number), f"{service} keeps no refusal number {number}", "refusals")
    emit({"service": service, "asked": 1}, as_json, lambda c: c.print("It is tried again within a few seconds."))


@refusals.command("discard")
@service_argument
@click.argument("number", type=int)
@json_option
def discard_refusal(service: str, number: int, as_json: bool) -> None:
    """Give a refused event up: its sealed payload is emptied, the rules that it broke stay."""
    with _database(service) as connection:
        _done(operating.discard_refusal(connection, number), f"{service} keeps no refusal number {number}", "refusals")
    emit({"service": service, "discarded": 1}, as_json, lambda c: c.print("Discarded."))


@click.group()
def parked() -> None:
    """Parked events, which failed by our own fault: list them, have them tried again, give them up."""


@parked.command("list")
@service_option
@emitter_option
@click.option("--all", "everything", is_flag=True, help="Also those that are settled.")
@limit_option
@json_option
def list_parked(service: str | None, emitter: str | None, everything: bool, limit: int, as_json: bool) -> None:
    """List parked events in their order; those with 0 attempts wait behind another one of their subject."""
    found: list[dict[str, Any]] = []
    for name in _services(service):
        with _database(name) as connection:
            waiting = operating.parked(connection, emitter=emitter, waiting=not everything, limit=limit)
            found += [_parked(name, event) for event in waiting]

    def render(console: Console) -> None:
        columns = ("service", "position", "emitter", "subject", "id", "attempts", "error", "parked", "status")
        rows = [
            (p["service"], p["position"], p["emitter"], p["subject"], p["id"], p["attempts"], p["error"],
             p["parked_at"][:19], p["status"])
            for p in found
        ]  # fmt: skip
        console.print(table("parked events", columns, rows, right=("position", "attempts")))

    emit({"parked": found}, as_json, render)


@parked.command("retry")
@service_argument
@click.argument("emitter")
@click.argument("subject")
@json_option
def retry_parked(service: str, emitter: str, subject: str, as_json: bool) -> None:
    """Have the parked events of a SUBJECT tried again, in their order. At the first that fails, the rest waits on."""
    with _database(service) as connection:
        asked = operating.retry_parked(connection, emitter, subject)
    _done(asked > 0, f"{service} has nothing parked for that subject", "parked")
    emit({"service": service, "asked": asked}, as_json, lambda c: c.print(f"{asked} are tried again within seconds."))


@parked.command("discard")
@service_argument
@click.argument("position", type=int)
@json_option
def discard_parked(service: str, position: int, as_json: bool) -> None:
    """Give one parked event up; what waits behind it can then be tried again."""
    with _database(service) as connection:
        _done(operating.discard_parked(connection, position), f"{service} has none parked at {position}", "parked")
    emit({"service": service, "discarded": 1}, as_json, lambda c: c.print("Discarded."))


def database_url(service: str) -> str:
    """A service's database: MIRIAM_<SERVICE>_DATABASE_URL; else what `miriam up` wrote for it.

    That lies under MIRIAM_HOME, or the nearest `.miriam` here or in a folder above. Raises Failure(PREREQUISITE).
    """
    variable = f"MIRIAM_{service.upper()}_DATABASE_URL"
    if url := os.environ.get(variable):
        return url
    home = os.environ.get("MIRIAM_HOME")
    here = Path.cwd()
    for folder in [Path(home).expanduser()] if home else [above / ".miriam" for above in (here, *here.parents)]:
        file = folder / "environments" / f"{service}.json"
        if file.is_file():
            return str(json.loads(file.read_text("utf-8"))["MIRIAM_DATABASE_URL"])
    raise Failure(Exit.PREREQUISITE, f"no database of {service} is known here", f"run `miriam up`, or set {variable}")


@contextmanager
def _database(service: str) -> Iterator[Connection]:
    url = database_url(service)
    try:
        connection = database.connect(url, "miriam-operator")
        try:
            with connection:
                yield connection
        finally:
            connection.close()
    except psycopg2.OperationalError as problem:
        raise Failure(
            Exit.UNREACHABLE, f"the database of {service} does not answer", "run `miriam status`"
        ) from problem


def _services(only: str | None) -> tuple[str, ...]:
    return (only,) if only else RECORDING_SERVICES


def _done(done: bool, otherwise: str, group: str) -> None:
    if not done:
        raise _not_there(otherwise, f"miriam {group} list --all")


def _not_there(message: str, command: str) -> Failure:
    return Failure(Exit.USAGE, message, f"see `{command}`")


def _refusal(service: str, refusal: KeptRefusal) -> dict[str, Any]:
    return {
        "service": service,
        "number": refusal.number,
        "emitter": refusal.emitter,
        "id": refusal.emitted_id,
        "type": refusal.emitted_type,
        "subject": refusal.subject,
        "correlation": refusal.correlation,
        "problems": [{"code": p.code, "field": p.field, "allowed": p.allowed} for p in refusal.problems],
        "times": refusal.times,
        "status": refusal.status,
        "first_refused_at": timestamp(refusal.first_refused_at),
        "last_refused_at": timestamp(refusal.last_refused_at),
        "expires_at": timestamp(refusal.expires_at),
    }


def _parked(service: str, event: ParkedEvent) -> dict[str, Any]:
    return {
        "service": service,
        "position": event.position,
        "emitter": event.emitter,
        "subject": event.subject,
        "id": event.emitted_id,
        "type": event.emitted_type,
        "correlation": event.correlation,
        "attempts": event.attempts,
        "error": event.error,
        "status": event.status,
        "parked_at": timestamp(event.parked_at),
    }
