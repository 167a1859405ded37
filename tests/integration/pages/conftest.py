"""The pages, on a database that is filled once for all of these tests: an edition, published and restated."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "published"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from pages_scenario import Pages, opened

from miriam_local.postgres import PrivatePostgres


@pytest.fixture(scope="session")
def pages(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Tests may add to the database (looks, sessions, requests), and change nothing that is there."""
    made = opened(postgres.new_database("miriam_reporting_pages"), tmp_path_factory.mktemp("keys"))
    yield made
    made.office.owner.close()
    made.office.app.close()
