"""Editions at the end of their retention. Histories are built by modules of `tests/property` and `tests/running`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from psycopg2.extensions import connection as Connection
from reporting_database import ReportingDatabase
from retirement import PROJECTS, retired_leaf, small

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_platform import database
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting


@pytest.fixture(scope="session")
def access(postgres: PrivatePostgres) -> Iterator[DatabaseAccess]:
    """A migrated database; its triggers are off where `reporting` is used, for that empties it between tests."""
    found = postgres.new_database("miriam_reporting_retirement")
    migrate_reporting(found.owner_url, found.app_role)
    yield found
    postgres.admin.drop_database(found.name)


@pytest.fixture(scope="session")
def reporting(access: DatabaseAccess) -> Iterator[ReportingDatabase]:
    """Reporting's database, emptied by each history that is loaded into it."""
    found = ReportingDatabase(access.owner_url, access.app_url)
    yield found
    found.close()


@pytest.fixture
def guarded(postgres: PrivatePostgres) -> Iterator[tuple[DatabaseAccess, list[bytes]]]:
    """A database with every guard in place, a small history in it, and the retirement of 2023 recorded."""
    access = postgres.new_database("miriam_reporting_guarded")
    migrate_reporting(access.owner_url, access.app_role)
    bodies = small().bodies
    leaves = [*bodies, retired_leaf(bodies, "2023", PROJECTS["2023"])]
    owner = database.connect(access.owner_url, "test")
    with owner:
        load_leaves(owner, leaves)
    owner.close()
    yield access, leaves
    postgres.admin.drop_database(access.name)


@pytest.fixture
def app(guarded: tuple[DatabaseAccess, list[bytes]]) -> Iterator[Connection]:
    """The application's connection; all leaves are projected."""
    connection = database.connect(guarded[0].app_url, "test")
    with connection:
        project(connection)
    yield connection
    connection.close()


@pytest.fixture
def owner(guarded: tuple[DatabaseAccess, list[bytes]]) -> Iterator[Connection]:
    """The connection of the tables' owner."""
    connection = database.connect(guarded[0].owner_url, "test")
    yield connection
    connection.close()
