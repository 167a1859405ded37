"""One database for all examples of a run: it is emptied between them.

Pytest imports each test file alone (importlib mode): the modules beside them are found by this folder's path.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reporting_database import ReportingDatabase

from miriam_local.postgres import PrivatePostgres
from miriam_reporting.migrating import migrate_reporting


@pytest.fixture(scope="session")
def reporting(postgres: PrivatePostgres) -> Iterator[ReportingDatabase]:
    """Reporting's database, migrated."""
    access = postgres.new_database("miriam_reporting_property")
    migrate_reporting(access.owner_url, access.app_role)
    found = ReportingDatabase(access.owner_url, access.app_url)
    yield found
    found.close()
    postgres.admin.drop_database(access.name)
