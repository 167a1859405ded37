"""Fixtures: small histories made by hand, in a database of reporting that each history empties.

A `conftest.py` that imports them has them, and a database of its own, after `tests/property` was put on Python's path.
"""

from __future__ import annotations

from collections.abc import Iterator

import migrated
import pytest
from indicator_history import History
from reporting_database import ReportingDatabase

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres


@pytest.fixture(scope="session")
def history_access(postgres: PrivatePostgres, _numbers: Iterator[int]) -> Iterator[DatabaseAccess]:
    """The addresses of a migrated database."""
    access = postgres.new_database(f"miriam_reporting_history_{next(_numbers)}")
    migrated.reporting(access)
    yield access
    postgres.admin.drop_database(access.name)


@pytest.fixture(scope="session")
def indicator_database(history_access: DatabaseAccess) -> Iterator[ReportingDatabase]:
    """Reporting's database, migrated; emptied by each history that is loaded into it."""
    found = ReportingDatabase(history_access.owner_url, history_access.app_url)
    yield found
    found.close()


@pytest.fixture
def history(indicator_database: ReportingDatabase, history_access: DatabaseAccess) -> History:
    """An edition, three CPAS, two projects."""
    return History(indicator_database, history_access.app_url)
