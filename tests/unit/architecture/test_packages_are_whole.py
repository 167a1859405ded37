"""What an image installs is what the tests ran: a package leaves none of its files behind.

The tests run from the source folders, where every file is found; an image holds what the wheel carries.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = sorted(path.parent for path in PROJECT.glob("*/*/pyproject.toml") if ".venv" not in path.parts)
# Notes for those who read the source.
SOURCE_ONLY = {"README.md", "CHANGELOG.md", "RULES.md"}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_wheel_holds_every_file_of_its_package(package: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(package, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    written = {
        str(path.relative_to(source))
        for top in source.glob("miriam_*")
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file() and path.name not in SOURCE_ONLY and "__pycache__" not in path.parts
    }
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), source],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert written - held == set()
    assert held
