"""Where the commands find reporting's database, and how their failures read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_cli.exits import Exit, Failure
from miriam_platform import database
from miriam_reporting.reports import ReportError

VARIABLE = "MIRIAM_REPORTING_DATABASE_URL"


def deployment_home() -> Path | None:
    """Where `miriam up` keeps its state: MIRIAM_HOME, or the nearest `.miriam` here or in a folder above."""
    home = os.environ.get("MIRIAM_HOME")
    here = Path.cwd()
    homes = [Path(home).expanduser()] if home else [folder / ".miriam" for folder in (here, *here.parents)]
    return next((folder for folder in homes if (folder / "environments" / "reporting.json").is_file()), None)


def environment() -> dict[str, str]:
    """What reporting is told: what `miriam up` wrote for it, and above that what this process's environment says.

    Empty but for the latter where no deployment is known here.
    """
    home = deployment_home()
    told = json.loads((home / "environments" / "reporting.json").read_text("utf-8")) if home else {}
    return told | {name: value for name, value in os.environ.items() if name.startswith("MIRIAM_")}


def database_url() -> str:
    """Reporting's database: MIRIAM_REPORTING_DATABASE_URL; else what `miriam up` wrote for reporting.

    Raises Failure(PREREQUISITE) where neither is there.
    """
    if url := os.environ.get(VARIABLE):
        return url
    home = deployment_home()
    if home is None:
        raise Failure(Exit.PREREQUISITE, "no reporting database is known here", f"run `miriam up`, or set {VARIABLE}")
    file = home / "environments" / "reporting.json"
    return str(json.loads(file.read_text("utf-8"))["MIRIAM_DATABASE_URL"])


@contextmanager
def reporting_database() -> Iterator[Connection]:
    """A connection for one command. What fails leaves as a Failure that tells the next step."""
    url = database_url()
    try:
        connection = database.connect(url, "miriam-report")
    except psycopg2.OperationalError as problem:
        raise Failure(Exit.UNREACHABLE, "the reporting database does not answer", "run `miriam status`") from problem
    try:
        yield connection
    except ReportError as problem:
        raise Failure(Exit.USAGE, str(problem)) from problem
    except psycopg2.errors.UndefinedTable as problem:
        raise Failure(Exit.PREREQUISITE, "the reporting database has no facts yet", "run `miriam up`") from problem
    except psycopg2.OperationalError as problem:
        raise Failure(Exit.UNREACHABLE, "the reporting database went away", "run `miriam status`") from problem
    finally:
        connection.close()
