"""`miriam tokens`: who may use the HTTP door, for what, and until when."""

from __future__ import annotations

import datetime as dt

import click

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option, table
from miriam_contracts.ids import EMITTER_PATTERN
from miriam_local import tokens as kept
from miriam_local.commands import explained
from miriam_local.deployment import Deployment
from miriam_local.doors import doors
from miriam_local.places import Places
from miriam_local.sign_in_command import sign_in


@click.group()
def tokens() -> None:
    """Make, list and revoke the tokens of the HTTP door, and links that sign people in at the pages.

    `miriam cpas add` gives each emitter its first token.
    """


tokens.add_command(sign_in)


@tokens.command()
@click.argument("holder")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(kept.SCOPES),
    help="emit and receipts: an emitter's (the default). events: an auditor's, who reads what was recorded; alone.",
)  # fmt: skip
@click.option("--days", default=kept.DAYS, show_default=True, type=click.IntRange(1, 3650), help="How long it holds.")
@json_option
def add(holder: str, scopes: tuple[str, ...], days: int, as_json: bool) -> None:
    """Make a token for HOLDER, an emitter's id or an auditor's name, and print it: this once, it is kept nowhere."""
    if not EMITTER_PATTERN.fullmatch(holder):
        raise Failure(
            Exit.USAGE, f"{holder!r} cannot hold a token", "use 2 to 40 of a-z, 0-9 and -, the first a letter"
        )
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        token, text = kept.add(deployment, holder, scopes or kept.EMITTERS_SCOPES, days)
    emit({**_told(token), "token": text}, as_json, lambda screen: click.echo(text))
    if not as_json:
        until = token.expires_at.date().isoformat()
        click.echo(
            f"Keep it now: it is not shown again. It holds until {until} for {', '.join(token.scopes)}.", err=True
        )


@tokens.command(name="list")
@json_option
def list_them(as_json: bool) -> None:
    """List every token: whose it is, what for, until when, and which services know it. No secret is in it."""
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        with doors(deployment) as open_doors:
            found = list(kept.known(open_doors).values())
    rows = [
        (
            each.id, each.holder, " ".join(each.scopes), _day(each.created_at), _day(each.expires_at),
            _day(each.revoked_at), " ".join(each.services),
        )
        for each in found
    ]  # fmt: skip
    columns = ["id", "holder", "scopes", "created", "expires", "revoked", "known to"]
    emit([_told(each) for each in found], as_json, lambda screen: screen.print(table("", columns, rows)))


@tokens.command()
@click.argument("token", metavar="ID")
@json_option
def revoke(token: str, as_json: bool) -> None:
    """Refuse a token from the next request on, at every service. ID is its id, or the whole token.

    It can be repeated. An emitter gets another by `miriam cpas add`.
    """
    with explained():
        took = kept.revoke(Deployment.remembered(Places.of_environment()), token)
    text = f"revoked at {', '.join(took)}" if took else "it was revoked before"
    emit({"id": kept.id_of(token), "revoked": took}, as_json, lambda screen: screen.print(text))


@tokens.command()
@json_option
def repair(as_json: bool) -> None:
    """Tell each service what another knows of tokens: after a database was restored, before its service opens.

    A backup has forgotten what was made since, and takes what was revoked since. `miriam up` does this too.
    """
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        with doors(deployment) as open_doors:
            before, after = kept.known(open_doors), kept.repair(open_doors)
    lacking = [id_ for id_, token in before.items() if set(token.services) != set(after[id_].services)]
    emit(
        {"tokens": len(after), "made_known": lacking},
        as_json,
        lambda screen: screen.print(f"{len(after)} tokens, of which {len(lacking)} were not known everywhere"),
    )


def _told(token: kept.Token) -> dict[str, object]:
    return {
        "id": token.id,
        "holder": token.holder,
        "scopes": list(token.scopes),
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        "services": list(token.services),
    }


def _day(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).date().isoformat() if moment else ""
