"""A front as a process, before services that do as a test says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from front_process import FrontProcess, Service, front, recording
from front_process import services as running_services


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FrontProcess, dict[str, Service]]]:
    with running_services() as owners:
        addresses = {name: service.url for name, service in owners.items()}
        with front(tmp_path_factory.mktemp("front"), addresses, MIRIAM_FRONT_SECONDS="2") as process:
            yield process, owners


@pytest.fixture
def services(_running: tuple[FrontProcess, dict[str, Service]]) -> dict[str, Service]:
    """The services behind the front, all of which record."""
    for service in _running[1].values():
        service.answer = recording
        service.asked.clear()
    return _running[1]


@pytest.fixture
def door(_running: tuple[FrontProcess, dict[str, Service]], services: dict[str, Service]) -> FrontProcess:
    """The front."""
    return _running[0]
