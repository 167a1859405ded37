"""A whole platform, and those who attack it; what the tests share is in `tests/running`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "running"))

from attacker import Attacker
from running_platform import RunningPlatform, running_platform

# cpas1 begins the id of cpas12: an unanchored pattern would let one through as the other.
CPAS = ("anderlecht", "schaerbeek", "cpas1", "cpas12")


FOLDER = Path(__file__).parent
_up = ExitStack()


@pytest.fixture(scope="session")
def platform(server_folder: Path) -> Iterator[RunningPlatform]:
    """The platform of this folder's tests, with a few emitters."""
    folder = server_folder / "hostile"
    folder.mkdir(mode=0o755)
    found = _up.enter_context(running_platform(folder))
    found.miriam("cpas", "add", *CPAS)
    found.miriam("cpas", "add", "spp-is", "--kind", "authority")
    found.miriam("cpas", "add", "spp-is-dpo", "--kind", "dpo")
    yield found
    _up.close()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Take the platform down after this folder's last test: pytest itself would keep it until the end of the run."""
    if item.path.is_relative_to(FOLDER) and (nextitem is None or not nextitem.path.is_relative_to(FOLDER)):
        _up.close()


@pytest.fixture(scope="session")
def anderlecht(platform: RunningPlatform) -> Attacker:
    """A CPAS."""
    return Attacker(platform, "anderlecht")


@pytest.fixture(scope="session")
def schaerbeek(platform: RunningPlatform) -> Attacker:
    """Another CPAS: the innocent one, whose events must go on."""
    return Attacker(platform, "schaerbeek")


@pytest.fixture(scope="session")
def short(platform: RunningPlatform) -> Attacker:
    """A CPAS whose id begins another's."""
    return Attacker(platform, "cpas1")


@pytest.fixture(scope="session")
def long(platform: RunningPlatform) -> Attacker:
    """The CPAS whose id begins with another's."""
    return Attacker(platform, "cpas12")


@pytest.fixture(scope="session")
def authority(platform: RunningPlatform) -> Attacker:
    """The programme authority."""
    return Attacker(platform, "spp-is", "authority")
