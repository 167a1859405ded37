"""What the commands of a report's life share: who acts, whom a publication trusts, how a refusal reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from psycopg2.extensions import connection as Connection

from miriam_cli.exits import Exit, Failure
from miriam_contracts.problems import describe
from miriam_reporting.commands.source import deployment_home, environment, reporting_database
from miriam_reporting.reports.life.errors import NotCosigned, Refused, Untrue
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency.keys import KeyFileError

ACTOR = "MIRIAM_ACTOR"


def authority() -> str:
    """The one authority that the local deployment admits, as `authority.spp-is`; empty where there is not one."""
    home = deployment_home()
    known = [json.loads(file.read_text("utf-8")) for file in sorted((home / "emitters").glob("*.json"))] if home else []
    found = [each["id"] for each in known if each.get("kind") == "authority"]
    return f"authority.{found[0]}" if len(found) == 1 else ""


actor_option = click.option(
    "--actor", envvar=ACTOR, default=authority, metavar="KIND.ID",
    help=f"Who does it, as `authority.spp-is` (default: {ACTOR}, else the authority of the local deployment).",
)  # fmt: skip


def named(actor: str) -> str:
    """The actor. Raises Failure(USAGE) where nobody is named."""
    if not actor:
        raise Failure(Exit.USAGE, "nobody is named who does it", f"name the authority with --actor, or set {ACTOR}")
    return actor


def trust() -> Trust:
    """The keys in reporting's folder (MIRIAM_KEYS_DIR). Raises Failure(PREREQUISITE)."""
    folder = environment().get("MIRIAM_KEYS_DIR")
    if not folder:
        raise Failure(Exit.PREREQUISITE, "MIRIAM_KEYS_DIR names no folder of keys", "run `miriam up`, or set it")
    try:
        return Trust.of_folder(Path(folder))
    except KeyFileError as problem:
        raise Failure(Exit.PREREQUISITE, str(problem), "run `miriam up`, or `miriam audit keygen`") from problem
    except NotCosigned as problem:
        raise Failure(Exit.PREREQUISITE, str(problem)) from problem


@contextmanager
def life_database(language: str) -> Iterator[Connection]:
    """A connection for a step of a report's life; its refusals leave as Failures, in that language."""
    with reporting_database() as connection:
        try:
            yield connection
        except Refused as refused:
            told = " ".join(describe(each, language) for each in refused.problems)
            raise Failure(Exit.DIFFERENCE, told, "`miriam reports` tells where each report stands") from refused
        except Untrue as problem:
            raise Failure(Exit.DIFFERENCE, str(problem), "run `miriam audit verify`") from problem
        except NotCosigned as problem:
            raise Failure(Exit.PREREQUISITE, str(problem)) from problem
