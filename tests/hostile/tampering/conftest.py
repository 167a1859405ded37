"""One small platform for all of this folder's tests, put back as it was before each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from restoring import Kept
from small_platform import SmallPlatform, small_platform

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres


@pytest.fixture(scope="session")
def untouched(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A platform with 300 leaves, so that a tile is complete; all is signed, cosigned, and seen by the emitters."""
    from checks import cosign, emitters

    made: list[str] = []

    def new_database(service: str, migrate: object = None) -> DatabaseAccess:
        access = postgres.new_database(f"miriam_tampering_{service}")
        made.append(access.name)
        assert callable(migrate)
        migrate(access)
        return access

    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("tampering")
        platform = stack.enter_context(small_platform(folder, new_database, postgres.url))
        for _ in range(3):
            for emitter in platform.emitters:
                platform.emit("sessions", emitter, 40)
                platform.emit("intake", emitter, 8)
                platform.emit("groups", emitter, 4)
            platform.report()
            platform.take()
            platform.sign()
            cosign(platform)
        assert not emitters(platform)
        yield Kept(platform)
    for name in made:
        postgres.admin.drop_database(name)


@pytest.fixture
def platform(untouched: Kept) -> SmallPlatform:
    """The platform, as if nobody had touched it."""
    untouched.restore()
    return untouched.platform
