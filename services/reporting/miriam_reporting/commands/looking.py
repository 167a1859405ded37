"""Commands that show data of persons: who asks, and why, goes into the access log before the answer is given."""

import getpass
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from psycopg2.extensions import connection as Connection

from miriam_cli.exits import Exit, Failure
from miriam_reporting.audit.access import NOT_STATED, LookRefused, look

_Command = TypeVar("_Command", bound=Callable[..., Any])
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._@-]")


def operator() -> str:
    """Whoever is logged in, as an actor: `operator.<login>`."""
    try:
        login = getpass.getuser()
    # Where the system knows no name for the user (OSError, KeyError on older Pythons), the log still gets a line.
    except (OSError, KeyError):
        login = "unknown"
    return f"operator.{_NOT_IN_A_NAME.sub('-', login)[:64]}"


def look_options(command: _Command) -> _Command:
    """Give a command `--actor` and `--purpose`; the purpose may come from MIRIAM_PURPOSE, and must come."""
    purpose = click.option(
        "--purpose", envvar="MIRIAM_PURPOSE", required=True,
        help="Why these data are looked at; noted in the access log (or MIRIAM_PURPOSE).",
    )  # fmt: skip
    return _actor(purpose(command))


def open_look_options(command: _Command) -> _Command:
    """The same for what is asked many times in a row: who states no purpose is noted as not having stated any."""
    purpose = click.option(
        "--purpose", envvar="MIRIAM_PURPOSE", default=NOT_STATED, show_default=True,
        help="Why these data are looked at; noted in the access log (or MIRIAM_PURPOSE).",
    )  # fmt: skip
    return _actor(purpose(command))


def _actor(command: _Command) -> _Command:
    actor = click.option(
        "--actor",
        envvar="MIRIAM_ACTOR",
        default=operator,
        help="Who looks, as `auditor.jan` (default: operator.<login>).",
    )
    return actor(command)


def noted(connection: Connection, actor: str, purpose: str, what: Mapping[str, Any]) -> int:
    """Note the look, for a command; its number. Raises Failure(USAGE) where it cannot be noted."""
    try:
        return look(connection, actor, purpose, what)
    except LookRefused as problem:
        raise Failure(Exit.USAGE, str(problem), "say who looks with --actor, and why with --purpose") from problem
