"""`miriam parked`: what failed by our own fault, and what to do with it.

A decision is written into the service's database with its reason and actor; the inbox of that service carries it out
within seconds, and the sender gets a receipt. No payload is shown: it stays sealed.
"""

from typing import Any

import click
from rich.console import Console

from miriam_cli.output import emit, json_option, table
from miriam_platform import operating
from miriam_platform.operating import ParkedEvent
from miriam_platform.operator_database import (
    by,
    by_options,
    database_of,
    decision_line,
    emitter_option,
    limit_option,
    not_there,
    see_that,
    service_argument,
    service_option,
    services,
    told_decision,
)
from miriam_platform.times import timestamp


@click.group()
def parked() -> None:
    """Parked events, which failed by our own fault: list and show them, have them tried again, give them up."""


@parked.command("list")
@service_option
@emitter_option
@click.option("--all", "everything", is_flag=True, help="Also those that are settled.")
@limit_option
@json_option
def list_parked(service: str | None, emitter: str | None, everything: bool, limit: int, as_json: bool) -> None:
    """List parked events in their order; those with 0 attempts wait behind another one of their subject."""
    found: list[dict[str, Any]] = []
    for name in services(service):
        with database_of(name) as connection:
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


@parked.command("show")
@service_argument
@click.argument("position", type=int)
@json_option
def show_parked(service: str, position: int, as_json: bool) -> None:
    """Show one parked event: where it failed, how often, how many wait behind it, and what was decided about it."""
    with database_of(service) as connection:
        found = operating.parked(connection, position=position, waiting=False)
        if not found:
            raise not_there(f"{service} has none parked at {position}", "miriam parked list --all")
        event = found[0]
        same = operating.parked(connection, emitter=event.emitter, subject=event.subject, limit=100_000)
        decided = [told_decision(each) for each in operating.decisions(connection, "parked", position)]
    shown = {**_parked(service, event), "behind": sum(each.position > position for each in same)}

    def render(console: Console) -> None:
        console.print(table("", ("", ""), list(shown.items())))
        for each in decided:
            console.print(decision_line(each), markup=False)

    emit({**shown, "decisions": decided}, as_json, render)


@parked.command("retry")
@service_argument
@click.argument("emitter")
@click.argument("subject")
@by_options
@json_option
def retry_parked(service: str, emitter: str, subject: str, reason: str, actor: str, as_json: bool) -> None:
    """Have the parked events of a SUBJECT tried again, in their order. At the first that fails, the rest waits on."""
    with database_of(service) as connection:
        asked = operating.retry_parked(connection, emitter, subject, by(actor, reason))
    see_that(asked > 0, f"{service} has nothing parked for that subject", "parked")
    emit({"service": service, "asked": asked}, as_json, lambda c: c.print(f"{asked} are tried again within seconds."))


@parked.command("discard")
@service_argument
@click.argument("position", type=int)
@by_options
@json_option
def discard_parked(service: str, position: int, reason: str, actor: str, as_json: bool) -> None:
    """Give one parked event up; what waits behind it can then be tried again."""
    with database_of(service) as connection:
        done = operating.discard_parked(connection, position, by(actor, reason))
        see_that(done, f"{service} has none parked at {position}", "parked")
    emit({"service": service, "discarded": 1}, as_json, lambda c: c.print("Discarded."))


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
