"""A small edition in reporting's database: its CPAS have signing keys, a log and an authority sign its heads."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import migrated
import pytest
from psycopg2.extensions import connection as Connection

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from programme import Programme

from miriam_local.databases import DatabaseAccess
from miriam_reporting.ledger.tree import root_at


def root_text(connection: Connection, size: int) -> str:
    """The root at a size, as events hold it."""
    with connection:
        return base64.b64encode(root_at(connection, size)).decode()


@pytest.fixture
def programme(new_database: Callable[..., DatabaseAccess]) -> Iterator[Programme]:
    """Two women supported by `alpha`, one by `beta`."""
    access = new_database("reporting_life", migrated.reporting)
    made = Programme(access)
    for participation in ("alpha:w1", "alpha:w2", "beta:w3"):
        made.support(participation)
    made.load()
    yield made
    made.close()
