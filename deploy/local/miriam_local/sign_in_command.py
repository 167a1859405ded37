"""`miriam tokens sign-in`: a link that signs somebody in at the pages, once."""

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
@click.argument("role", type=click.Choice(ROLES))
@click.option("--cpas", help="Which CPAS; of the role cpas, and of no other.")
@click.option("--name", help="Whose account it is, as the access log will write it (default: the role's name).")
@click.option("--minutes", default=60, show_default=True, type=click.IntRange(1, 10080), help="How long it holds.")
@json_option
def sign_in(role: str, cpas: str | None, name: str | None, minutes: int, as_json: bool) -> None:
    """Print a link that signs somebody in at the pages as ROLE, once. It is kept nowhere.

    Exit code 0: the link is made; 2: the role and the CPAS do not go together; 4: the database does not answer.
    """
    named = name or ("someone" if role == "cpas" else role)
    if (role == "cpas") != (cpas is not None) or (cpas is not None and not EMITTER_PATTERN.fullmatch(cpas)):
        raise Failure(Exit.USAGE, "the role cpas goes with --cpas, and no other does", "name one, as --cpas anderlecht")
    if not _NAME.fullmatch(named):
        raise Failure(Exit.USAGE, f"{named!r} is no name of an account", "use 1 to 20 of a-z, A-Z, 0-9, _, @ and -")
    with explained():
        deployment = Deployment.remembered(Places.of_environment())
        link, until = make_link(deployment, role, named, cpas, minutes)
    told = {"role": role, "name": named, "cpas": cpas, "url": link, "expires_at": until}
    emit(told, as_json, lambda screen: click.echo(link))


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
