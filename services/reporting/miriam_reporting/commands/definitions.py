"""Which version of the indicators a command computes by: this code's, or those that a published report was made by."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from psycopg2.extensions import connection as Connection

from miriam_cli.exits import Exit, Failure
from miriam_reporting.reports.definitions import CURRENT, Definitions, current
from miriam_reporting.reports.life.published import published_definitions

PUBLISHED = "published"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def definitions_options(command: _Command) -> _Command:
    """Give a command `--definitions` and `--report` (as `of_report`)."""
    which = click.option(
        "--definitions", type=click.Choice([CURRENT, PUBLISHED]), default=CURRENT, show_default=True,
        help="By today's indicators, or by those that a report was published by.",
    )  # fmt: skip
    of_report = click.option(
        "--report", "of_report", metavar="REPORT", help="Which published report's (default: the edition's newest)."
    )
    return which(of_report(command))


def chosen(connection: Connection, edition: str, definitions: str, of_report: str | None) -> Definitions:
    """The definitions asked for. Raises Failure(USAGE) where `--report` stands without `--definitions published`."""
    if definitions == PUBLISHED:
        return published_definitions(connection, edition, of_report)
    if of_report is not None:
        raise Failure(Exit.USAGE, "--report says whose published definitions", "add --definitions published")
    return current()
