"""What `miriam refusals` and `miriam parked` share: which database, who decides and why, what is told of a decision."""

import getpass
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_cli.exits import Exit, Failure
from miriam_contracts import ids
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_contracts.problems import LANGUAGES
from miriam_platform import database, operating
from miriam_platform.operating import By, Decision
from miriam_platform.times import timestamp

service_argument = click.argument("service", type=click.Choice(RECORDING_SERVICES))
service_option = click.option("--service", type=click.Choice(RECORDING_SERVICES), help="Only this service's door.")
emitter_option = click.option("--emitter", metavar="ID", help="Only what this emitter sent.")
limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most.")
lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the rules."
)


def by_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--reason` and `--actor`, for a command that decides something: both are noted with the decision."""
    reason = click.option(
        "--reason",
        required=True,
        metavar="TEXT",
        help="Why, without naming anybody: 3 to 300 characters.",
    )
    actor = click.option(
        "--actor", metavar="NAME", default=getpass.getuser, show_default="who is logged in", help="Who decides."
    )
    return reason(actor(command))


def by(actor: str, reason: str) -> By:
    """Who decides, and why. Raises Failure(USAGE) where one of the two breaks its rule."""
    shortest, longest = operating.REASON_LENGTH
    stated = reason.strip()
    if not operating.ACTOR_PATTERN.fullmatch(actor):
        raise Failure(Exit.USAGE, "--actor: 1 to 64 of letters, digits, . _ @ and -", "name yourself with --actor")
    if not shortest <= len(stated) <= longest:
        raise Failure(Exit.USAGE, f"--reason: {shortest} to {longest} characters", "say in a sentence why")
    if ids.holds_national_number(stated):
        raise Failure(Exit.USAGE, "--reason holds a national number", "say why in words that name nobody")
    return By(actor, stated)


def told_decision(decision: Decision) -> dict[str, Any]:
    """A decision as JSON."""
    return {
        "action": decision.action,
        "actor": decision.actor,
        "reason": decision.reason,
        "decided_at": timestamp(decision.decided_at),
    }


def decision_line(decision: dict[str, Any]) -> str:
    """A decision in a line."""
    return f"{decision['decided_at'][:19]} {decision['action']} by {decision['actor']}: {decision['reason']}"


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
def database_of(service: str) -> Iterator[Connection]:
    """A connection to a service's database, committed at the end. Raises Failure."""
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


def services(only: str | None) -> tuple[str, ...]:
    """The services that are asked."""
    return (only,) if only else RECORDING_SERVICES


def see_that(done: bool, otherwise: str, group: str) -> None:
    """Raise Failure with the sentence `otherwise` where it is not so."""
    if not done:
        raise not_there(otherwise, f"miriam {group} list --all")


def not_there(message: str, command: str) -> Failure:
    """The failure of who asks for what is not there."""
    return Failure(Exit.USAGE, message, f"see `{command}`")
