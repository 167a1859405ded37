"""Which test files share a platform. One costs 20 s of processor to bring up, and a few to take down.

They run at one worker, one file after the other in the order given here. Each makes its own facts and looks at what it
adds; a file that needs an empty platform, and all that there is to be its own, comes first or stays alone.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from running_platform import RunningPlatform, running_platform

TOGETHER = {
    "edition": ("end_to_end/test_whole_way.py", "end_to_end/test_erasure.py"),
    "desk": (
        "end_to_end/test_sandbox.py",
        "integration/conformance/test_kit.py",
        "end_to_end/test_import.py",
    ),
    "trouble": (
        "faults/test_each_alone.py",
        "faults/test_gap_is_filled.py",
        "faults/test_killed_at_the_commit.py",
        "faults/test_killed_while_erasing.py",
        "faults/test_order_of_each_subject.py",
    ),
}
_PLACES = {f"tests/{file}": (group, place) for group, files in TOGETHER.items() for place, file in enumerate(files)}


def group_of(file: str) -> str:
    """With whom a test file shares a platform, by its path from the project's root: a group, or the file itself."""
    # Those of this folder share theirs, in their own order; what lies below needs none.
    if PurePosixPath(file).parent == PurePosixPath("tests/hostile"):
        return "hostile"
    return _PLACES.get(file, (file, 0))[0]


def in_order(files: list[str]) -> list[int]:
    """The order in which to run tests, given the file of each: a group together where its first file stands."""
    first: dict[str, int] = {}
    for number, file in enumerate(files):
        first.setdefault(group_of(file), number)
    return sorted(range(len(files)), key=lambda n: (first[group_of(files[n])], _PLACES.get(files[n], ("", 0))[1]))


class SharedPlatform:
    """The platform of the group whose tests run now; there is one at a time."""

    def __init__(self) -> None:
        self._group = ""
        self._platform: RunningPlatform | None = None
        self._up = ExitStack()

    def of(self, file: str, folder: Path) -> RunningPlatform:
        """The platform of a file's group, with every program of it; brought up in `folder` where it is not up."""
        if self._platform is None or self._group != group_of(file):
            self.close()
            name = PurePosixPath(group_of(file)).stem
            home = folder / name
            home.mkdir(mode=0o755, exist_ok=True)
            self._group, self._platform = group_of(file), self._up.enter_context(running_platform(home))
        else:
            # The file before may have left some stopped.
            self._platform.run_all()
        return self._platform

    def left(self, following: str | None) -> None:
        """Take it down where the file of the following test is of another group; None where none follows."""
        if following is None or group_of(following) != self._group:
            self.close()

    def close(self) -> None:
        """Take it down."""
        self._platform = None
        self._up.close()
