"""A whole platform for the tests of this folder. The modules that serve them lie in `tests/running`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "running"))

from running_platform import RunningPlatform, running_platform


@pytest.fixture(scope="package")
def platform(server_folder: Path) -> Iterator[RunningPlatform]:
    """The platform of this folder's tests, up by `miriam up`, down when the folder's last test has ended."""
    folder = server_folder / "end-to-end"
    folder.mkdir(mode=0o755)
    with running_platform(folder) as found:
        yield found
