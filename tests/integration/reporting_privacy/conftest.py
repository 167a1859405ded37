"""Small histories made by hand, of which a data protection officer asks.

They are built, and read, by the modules of `tests/property`. Pytest imports each test file alone (importlib mode), so
those are found by that folder's path.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))

from indicator_history import History
from reporting_database import ReportingDatabase

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_reporting.migrating import migrate_reporting


@pytest.fixture(scope="session")
def _access(postgres: PrivatePostgres) -> Iterator[DatabaseAccess]:
    access = postgres.new_database("miriam_reporting_privacy")
    migrate_reporting(access.owner_url, access.app_role)
    yield access
    postgres.admin.drop_database(access.name)


@pytest.fixture(scope="session")
def indicator_database(_access: DatabaseAccess) -> Iterator[ReportingDatabase]:
    """Reporting's database, migrated; emptied by each history that is loaded into it."""
    found = ReportingDatabase(_access.owner_url, _access.app_url)
    yield found
    found.close()


@pytest.fixture
def history(indicator_database: ReportingDatabase, _access: DatabaseAccess) -> History:
    """An edition, three CPAS, two projects."""
    return History(indicator_database, _access.app_url)
