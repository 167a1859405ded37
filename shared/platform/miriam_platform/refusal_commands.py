"""`miriam refusals`: what was refused at the doors, and what to do with it.

A decision is written into the service's database with its reason and actor; the inbox of that service carries it out
within seconds, and the sender gets a receipt. No payload is shown: it stays sealed.
"""

from typing import Any

import click
from rich.console import Console

from miriam_cli.output import emit, json_option, table
from miriam_contracts.problems import describe
from miriam_platform import operating
from miriam_platform.operating import KeptRefusal
from miriam_platform.operator_database import (
    by,
    by_options,
    database_of,
    decision_line,
    emitter_option,
    lang_option,
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
    for name in services(service):
        with database_of(name) as connection:
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
@lang_option
@json_option
def show_refusal(service: str, number: int, lang: str, as_json: bool) -> None:
    """Show one refusal: every rule that was broken, in words, and what was decided about it."""
    with database_of(service) as connection:
        found = operating.refusals(connection, number=number)
        decided = [told_decision(each) for each in operating.decisions(connection, "refusal", number)]
    if not found:
        raise not_there(f"{service} has no refusal number {number}", "miriam refusals list --all")
    shown = _refusal(service, found[0])
    sentences = [describe(problem, lang) for problem in found[0].problems]

    def render(console: Console) -> None:
        console.print(table("", ("", ""), [(name, value) for name, value in shown.items() if name != "problems"]))
        for sentence in sentences:
            console.print(f"- {sentence}", markup=False)
        for each in decided:
            console.print(decision_line(each), markup=False)

    emit({**shown, "sentences": sentences, "decisions": decided}, as_json, render)


@refusals.command("retry")
@service_argument
@click.argument("number", type=int)
@by_options
@json_option
def retry_refusal(service: str, number: int, reason: str, actor: str, as_json: bool) -> None:
    """Have a refused event tried again, for instance after a rule was mended."""
    with database_of(service) as connection:
        done = operating.retry_refusal(connection, number, by(actor, reason))
        see_that(done, f"{service} keeps no refusal number {number}", "refusals")
    emit({"service": service, "asked": 1}, as_json, lambda c: c.print("It is tried again within a few seconds."))


@refusals.command("discard")
@service_argument
@click.argument("number", type=int)
@by_options
@json_option
def discard_refusal(service: str, number: int, reason: str, actor: str, as_json: bool) -> None:
    """Give a refused event up: its sealed payload is emptied, the rules that it broke stay."""
    with database_of(service) as connection:
        done = operating.discard_refusal(connection, number, by(actor, reason))
        see_that(done, f"{service} keeps no refusal number {number}", "refusals")
    emit({"service": service, "discarded": 1}, as_json, lambda c: c.print("Discarded."))


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
