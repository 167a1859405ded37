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


def database_url() -> str:
    """Reporting's database: MIRIAM_REPORTING_DATABASE_URL; else what `miriam up` wrote for reporting.

    That lies under MIRIAM_HOME, or the nearest `.miriam` here or in a folder above.
    Raises Failure(PREREQUISITE) where neither is there.
    """
    if url := os.environ.get(VARIABLE):
        return url
    home = os.environ.get("MIRIAM_HOME")
    here = Path.cwd()
    homes = [Path(home).expanduser()] if home else [folder / ".miriam" for folder in (here, *here.parents)]
    for folder in homes:
        file = folder / "environments" / "reporting.json"
        if file.is_file():
            return str(json.loads(file.read_text("utf-8"))["MIRIAM_DATABASE_URL"])
    raise Failure(Exit.PREREQUISITE, "no reporting database is known here", f"run `miriam up`, or set {VARIABLE}")


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
