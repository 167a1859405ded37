"""A whole platform for the tests of this folder. The modules that serve them lie in `tests/running`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "running"))

from running_platform import RunningPlatform, running_platform


@pytest.fixture(scope="module")
def platform(server_folder: Path, request: pytest.FixtureRequest) -> Iterator[RunningPlatform]:
    """The platform of one test file, up by `miriam up`, down when its last test has ended."""
    folder = server_folder / Path(request.node.nodeid).stem
    folder.mkdir(mode=0o755)
    with running_platform(folder) as found:
        yield found
