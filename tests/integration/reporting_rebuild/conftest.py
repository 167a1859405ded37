"""A ledger with a random history in two versions, projected, in a database of its own; and the projector's process.

Histories are made by the modules of `tests/property`. Pytest imports each test file alone (importlib mode), so those
are found by that folder's path, and what waits for processes by that of `tests/running`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import migrated
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

sys.path.insert(0, str(Path(__file__).parents[2] / "property"))
sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from histories import seeded
from retelling import retold

from miriam_local.databases import DatabaseAccess
from miriam_reporting.facts import project
from miriam_reporting.ledger.load import load_leaves

Projector = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def access(new_database: Callable[..., DatabaseAccess]) -> DatabaseAccess:
    """Reporting's database with 1,500 leaves of edition 2023 and its like, all of them projected."""
    made = new_database("reporting", migrated.reporting)
    connection = psycopg2.connect(made.owner_url)
    with connection:
        load_leaves(connection, retold(seeded(14, 1_500, copies=4), random.Random(14)))
    while project(connection):
        connection.commit()
    connection.commit()
    connection.close()
    return made


@pytest.fixture
def owner(access: DatabaseAccess) -> Iterator[Connection]:
    connection = psycopg2.connect(access.owner_url)
    yield connection
    connection.close()


@pytest.fixture
def app(access: DatabaseAccess) -> Iterator[Connection]:
    connection = psycopg2.connect(access.app_url)
    yield connection
    connection.close()


@pytest.fixture
def projector(access: DatabaseAccess) -> Iterator[Projector]:
    """Start the projector's process."""
    children: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = os.environ | {"MIRIAM_DATABASE_URL": access.app_url}
        children.append(subprocess.Popen([sys.executable, "-m", "miriam_reporting", "project"], env=environment))
        return children[-1]

    yield start
    for child in children:
        child.terminate()
        assert child.wait(15) in (0, -signal.SIGKILL)
