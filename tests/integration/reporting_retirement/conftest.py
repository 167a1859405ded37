"""Editions at the end of their retention. Histories are built by the modules of `tests/property`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parent))

from reporting_database import ReportingDatabase

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
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
