"""A whole platform, as `miriam up` makes it, in a folder and on ports of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miriam_local.deployment import Deployment
from miriam_local.places import Places
from miriam_local.processes import port_is_free

_MIRIAM = "from miriam_cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform."""

    home: Path
    base: int

    def miriam(self, *arguments: str, seconds: float = 300) -> Any:
        """What `miriam ARGUMENTS --json` answers. Raises RuntimeError where it fails."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("MIRIAM_")}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _MIRIAM, *arguments, "--json"],
            env=plain | {"MIRIAM_HOME": str(self.home), "MIRIAM_PORT_BASE": str(self.base)},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"miriam {' '.join(arguments)}: {done.returncode} {done.stderr[-1500:]}")
        return json.loads(done.stdout)

    @property
    def deployment(self) -> Deployment:
        """Its servers and secrets."""
        return Deployment.remembered(Places(self.home))

    def amqp_url(self, emitter: str) -> str:
        """The broker's address for an emitter that was admitted."""
        told = json.loads((Places(self.home).emitters / f"{emitter}.json").read_text("utf-8"))
        return str(told["amqp_url"])


@contextmanager
def platform(folder: Path) -> Iterator[Platform]:
    """The platform, up; down and gone afterwards."""
    home = folder / "home"
    home.mkdir(mode=0o755)
    made = Platform(home, _free_base())
    try:
        made.miriam("up")
        yield made
    finally:
        made.miriam("down", "--destroy", "--yes")


def _free_base() -> int:
    for base in range(33_000 - os.getpid() % 100 * 20, 24_000, -20):
        if all(port_is_free(base + offset) for offset in range(20)):
            return base
    raise RuntimeError("no 20 free ports in a row")
