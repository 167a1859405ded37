"""A deployment of its own, started by `miriam up` and removed at the end."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_PORTS = 16
_COMMANDS = {
    "demo": "from miriam_simulator.demo import demo; demo()",
    "simulate": "from miriam_simulator.simulate import simulate; simulate()",
}
_MIRIAM = "from miriam_cli.main import main; main()"


@dataclass(frozen=True)
class Platform:
    """The platform under one home."""

    home: Path
    port_base: int

    def miriam(self, name: str, *arguments: str, expect: int = 0) -> Any:
        """What `miriam NAME ARGUMENTS --json` printed, once its exit code is the expected one."""
        code = _COMMANDS.get(name)
        command = [sys.executable, "-c", code or _MIRIAM, *([] if code else [name]), *arguments, "--json"]
        environment = {**os.environ, "MIRIAM_HOME": str(self.home), "MIRIAM_PORT_BASE": str(self.port_base)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == expect, done.stderr[-2000:] or done.stdout[-2000:]
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stderr


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """A running platform."""
    folder = Path(tempfile.mkdtemp(prefix="miriam-scenario-"))
    # PostgreSQL's own user must be able to enter.
    folder.chmod(0o755)
    running = Platform(folder / "home", _free_base())
    try:
        running.miriam("up")
        yield running
    finally:
        running.miriam("down", "--destroy", "--yes")
        shutil.rmtree(folder, ignore_errors=True)


def _free_base() -> int:
    # Below the range from which the kernel takes ports for outgoing connections.
    for base in range(21_000, 32_000, 40):
        if all(_is_free(base + offset) for offset in range(_PORTS)):
            return base
    raise AssertionError("no 16 free ports in a row from 21000 to 32000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
