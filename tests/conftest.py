"""What tests share: a real PostgreSQL and a real RabbitMQ, private to one test run.

They are started at the first test that asks for them, on free ports and in a folder of their own, and thrown away
at the end. A test that needs a server which is not installed fails and says what to install; it is never skipped.

Whatever the tests write lies in memory where there is room: a test waits for no disk, and making a database, of some
three hundred files, costs a fifth. What is killed keeps what it had written all the same.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_local.rabbitmq import PrivateRabbitMQ

NewDatabase = Callable[..., DatabaseAccess]

_IN_MEMORY = Path("/dev/shm")
# A run takes up to 2 GB of it; what is written there is memory.
_ROOM = 6 * 2**30


def _in_memory() -> bool:
    """True where files may lie in memory: there is room in it, and programs may be run from there."""
    if not os.access(_IN_MEMORY, os.W_OK):
        return False
    found = os.statvfs(_IN_MEMORY)
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return not found.f_flag & os.ST_NOEXEC and min(found.f_bavail * found.f_frsize, free) >= _ROOM


# Where TMPDIR is set, that is where; a worker of xdist finds it set by the first process.
if "TMPDIR" not in os.environ and _in_memory():
    os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own system user may enter; pytest's is closed to it (mode 700)."""
    for left in Path(tempfile.gettempdir()).glob("miriam-tests-*-*"):
        # Of a run that was killed, which removes nothing.
        if not Path(f"/proc/{left.name.split('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"miriam-tests-{os.getpid()}-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[PrivatePostgres]:
    """A PostgreSQL server for this run. `postgres.url` is its superuser's address."""
    with PrivatePostgres.throw_away(server_folder / "postgres").running() as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq(server_folder: Path) -> Iterator[PrivateRabbitMQ]:
    """A RabbitMQ node for this run: `rabbitmq.api` is its management API, `rabbitmq.url(vhost)` an address."""
    with PrivateRabbitMQ.throw_away(server_folder / "rabbitmq").running() as broker:
        yield broker


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def new_database(postgres: PrivatePostgres, _numbers: Iterator[int]) -> Iterator[NewDatabase]:
    """`new_database("intake", migrate=None)` makes an empty database with two roles, dropped after the test.

    `migrate`, where given, is called with the `DatabaseAccess`: run the migrations there, as the owner.
    """
    made: list[str] = []

    def make(service: str, migrate: Callable[[DatabaseAccess], object] | None = None) -> DatabaseAccess:
        access = postgres.new_database(f"miriam_{service}_{next(_numbers)}")
        made.append(access.name)
        if migrate is not None:
            migrate(access)
        return access

    yield make
    for name in made:
        postgres.admin.drop_database(name)


@pytest.fixture
def new_vhost(rabbitmq: PrivateRabbitMQ, _numbers: Iterator[int]) -> Iterator[Callable[[], str]]:
    """`new_vhost()` makes an empty vhost, removed after the test; its address is `rabbitmq.url(name)`."""
    made: list[str] = []

    def make() -> str:
        name = f"test-{next(_numbers)}"
        rabbitmq.new_vhost(name)
        made.append(name)
        return name

    yield make
    for name in made:
        rabbitmq.api.delete("vhosts", name)
