"""`miriam tokens sign-in`: links that sign people in at the pages, once each."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import closing

import click
import psycopg2

from miriam_cli.exits import Exit, Failure
from miriam_cli.output import emit, json_option
from miriam_contracts.ids import EMITTER_PATTERN
from miriam_local.commands import explained
from miriam_local.deployment import Deployment
from miriam_local.errors import ServerFailed
from miriam_local.places import Places

ROLES = ("cpas", "authority", "auditor", "dpo", "operator")
_NAME = re.compile(r"[A-Za-z0-9_@-]{1,20}")
_ADD = """
insert into pages.link (hash, role, name, cpas, expires_at)
values (%s, %s, %s, %s, clock_timestamp() + make_interval(mins => %s))
returning expires_at
"""


@click.command(name="sign-in")
@click.argument("role", type=click.Choice(ROLES), required=False)
@click.option("--all", "of_each", is_flag=True, help="A link of each role, in the place of ROLE; needs --cpas.")
@click.option("--cpas", help="Which CPAS; of the role cpas, and of no other.")
@click.option("--name", help="Whose account it is, as the access log will write it (default: the role's name).")
@click.option("--minutes", default=60, show_default=True, type=click.IntRange(1, 10080), help="How long it holds.")
@json_option
def sign_in(role: str | None, of_each: bool, cpas: str | None, name: str | None, minutes: int, as_json: bool) -> None:
    """Print a link that signs somebody in at the pages as ROLE, once. It is kept nowhere.

    With --all one of each role, and the address of the pages, which the public needs no link for.
    Exit code 0: the links are made; 2: the role and the CPAS do not go together; 4: the database does not answer.
    """
    if of_each == (role is not None):
        raise Failure(Exit.USAGE, "either a role or --all", f"name one of {', '.join(ROLES)}")
    roles = ROLES if role is None else (role,)
    if ("cpas" in roles) != (cpas is not None) or (cpas is not None and not EMITTER_PATTERN.fullmatch(cpas)):
        raise Failure(Exit.USAGE, "the role cpas goes with --cpas, and no other does", "name one, as --cpas anderlecht")
    if name is not None and not _NAME.fullmatch(name):
        raise Failure(Exit.USAGE, f"{name!r} is no name of an account", "use 1 to 20 of a-z, A-Z, 0-9, _, @ and -")
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        links = [_link(deployment, each, name, cpas, minutes) for each in roles]
    if role is None:
        told = {"pages": deployment.pages_url, "links": links}
        emit(told, as_json, lambda screen: click.echo(_listed(deployment.pages_url, links)))
    else:
        emit(links[0], as_json, lambda screen: click.echo(links[0]["url"]))


def _link(deployment: Deployment, role: str, name: str | None, cpas: str | None, minutes: int) -> dict[str, str | None]:
    """A link, as it is told."""
    mine = cpas if role == "cpas" else None
    named = name or ("someone" if role == "cpas" else role)
    url, until = make_link(deployment, role, named, mine, minutes)
    return {"role": role, "name": named, "cpas": mine, "url": url, "expires_at": until}


def _listed(pages: str, links: list[dict[str, str | None]]) -> str:
    # A line each, unbroken: a terminal makes a link of it.
    lines = [
        ("public", pages),
        *((" ".join(filter(None, (each["role"], each["cpas"]))), each["url"]) for each in links),
    ]
    return "\n".join(f"{who:16} {url}" for who, url in lines)


def make_link(
    deployment: Deployment, role: str, name: str, cpas: str | None = None, minutes: int = 60
) -> tuple[str, str]:
    """A link and until when it holds (ISO 8601). Raises ServerFailed where reporting's database does not answer."""
    text = secrets.token_urlsafe(24)
    values = (hashlib.sha256(text.encode()).digest(), role, name, cpas, minutes)
    try:
        opened = psycopg2.connect(deployment.database("reporting").owner_url, connect_timeout=10)
        with closing(opened) as connection, connection, connection.cursor() as cursor:
            cursor.execute(_ADD, values)
            ((until,),) = cursor.fetchall()
    except psycopg2.OperationalError:
        raise ServerFailed("the database of reporting does not answer", "run `miriam up`") from None
    return f"{deployment.pages_url}/sign-in/{text}", until.isoformat()
