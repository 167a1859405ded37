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
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from xdist.scheduler import LoadFileScheduling

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_local.rabbitmq import PrivateRabbitMQ

# Modules that tests of many folders stand on.
sys.path.insert(0, str(Path(__file__).parent / "running"))

import migrated
import sharing
from running_platform import RunningPlatform

NewDatabase = Callable[..., DatabaseAccess]

_IN_MEMORY = Path("/dev/shm")
# A run takes up to 2 GB of it; what is written there is memory.
_ROOM = 6 * 2**30


def _in_memory() -> bool:
    """True where files may lie in memory: there is room in it, and programs may be run from there."""
    if not os.access(_IN_MEMORY, os.W_OK):
        return False
    found = os.statvfs(_IN_MEMORY)
    kilobytes = dict(line.split()[:2] for line in Path("/proc/meminfo").read_text("ascii").splitlines())
    free = min(found.f_bavail * found.f_frsize, int(kilobytes["MemAvailable:"]) * 1024)
    return not found.f_flag & os.ST_NOEXEC and free >= _ROOM


# Where TMPDIR is set, that is where; a worker of xdist finds it set by the first process.
if "TMPDIR" not in os.environ and _in_memory():
    os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)


_shared = sharing.SharedPlatform()


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Test files that share a platform follow each other."""
    items[:] = [items[number] for number in sharing.in_order([_file(item) for item in items])]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Test files that share a platform go to one worker, as if they were one file."""
    return _ByPlatform(config, log) if config.getvalue("dist") == "loadfile" else None


class _ByPlatform(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return sharing.group_of(super()._split_scope(nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Take a shared platform down after the last test of those that share it."""
    yield
    _shared.left(None if nextitem is None else _file(nextitem))


@pytest.fixture(scope="session")
def _sharing(server_folder: Path) -> Iterator[sharing.SharedPlatform]:
    """The last one is taken down here: before its folder goes, which `server_folder` removes."""
    yield _shared
    _shared.close()


@pytest.fixture(scope="module")
def platform(_sharing: sharing.SharedPlatform, server_folder: Path, request: pytest.FixtureRequest) -> RunningPlatform:
    """A platform, up by `miriam up`: of the test file, or of those that share one; down after their last test."""
    return _sharing.of(request.node.nodeid, server_folder)


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


@pytest.fixture(scope="session")
def _templates() -> dict[object, DatabaseAccess]:
    return {}


@pytest.fixture
def new_database(
    postgres: PrivatePostgres, _numbers: Iterator[int], _templates: dict[object, DatabaseAccess]
) -> Iterator[NewDatabase]:
    """`new_database("intake")` makes an empty database with two roles, dropped after the test.

    `new_database("intake", migrate)` calls `migrate` with it. What `running/migrated.py` has is done once in a run, to
    a template: each database is a copy of that, with its roles.
    """
    made: list[str] = []

    def make(service: str, migrate: Callable[[DatabaseAccess], object] | None = None) -> DatabaseAccess:
        name = f"miriam_{service}_{next(_numbers)}"
        if migrate is None or migrate.__module__ != migrated.__name__:
            made.append(name)
            access = postgres.new_database(name)
            if migrate is not None:
                migrate(access)
            return access
        if migrate not in _templates:
            template = postgres.new_database(name)
            migrate(template)
            _templates[migrate] = template
            name = f"miriam_{service}_{next(_numbers)}"
        made.append(name)
        return _copy(postgres, _templates[migrate], name)

    yield make
    for name in made:
        postgres.admin.drop_database(name)


_GRANTED = """
select a.privilege_type from pg_database as d, aclexplode(d.datacl) as a, pg_roles as r
 where d.datname = %s and r.oid = a.grantee and r.rolname = %s
"""


def _copy(postgres: PrivatePostgres, template: DatabaseAccess, name: str) -> DatabaseAccess:
    with closing(psycopg2.connect(postgres.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"create database {name} owner {template.owner_role} template {template.name}")
            cursor.execute(f"revoke all on database {name} from public")
            # What is granted on a database itself is not copied.
            cursor.execute(_GRANTED, (template.name, template.app_role))
            granted = ", ".join(privilege for (privilege,) in cursor.fetchall())
            cursor.execute(f"grant {granted} on database {name} to {template.app_role}")
    owner_url, app_url = (url.rpartition("/")[0] + f"/{name}" for url in (template.owner_url, template.app_url))
    return replace(template, name=name, owner_url=owner_url, app_url=app_url)


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
