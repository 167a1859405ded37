"""The programs of one deployment: what runs, in which environment, as whom, and how it is asked to stop."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_local.passwords import write_private
from miriam_local.places import Places

# The packages whose change means that a running service runs old code.
_SHARED_PACKAGES = ("miriam_contracts", "miriam_platform")
_PASSED_ON = ("MIRIAM_LOG_LEVEL",)


@dataclass(frozen=True)
class Program:
    """One process to keep running. `priority` orders starts (low first) and stops (low last)."""

    name: str
    argv: list[str]
    environment: dict[str, str]
    priority: int
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    # Changes whenever the code behind the program does, so that `up` can tell a program of yesterday's code.
    code: str = ""
    ports: list[int] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Short hash over everything: two equal digests need no restart."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def signal(self) -> signal.Signals:
        """The signal that asks it to stop."""
        return signal.Signals[f"SIG{self.stop_signal}"]


def save(places: Places, programs: list[Program]) -> None:
    """Keep the programs for `launch`; the file holds passwords and is closed to others."""
    write_private(places.run / "programs.json", {each.name: asdict(each) for each in programs})


def load(places: Places) -> dict[str, Program]:
    """The programs that `save` kept; none where nothing was ever started."""
    path = places.run / "programs.json"
    if not path.exists():
        return {}
    return {name: Program(**each) for name, each in json.loads(path.read_text(encoding="utf-8")).items()}


def installed_services() -> list[str]:
    """The services whose package is installed here and can be run, in the order of the catalogue."""
    return [name for name in SERVICES if _runnable(f"miriam_{name}")]


def service_programs(service: str, environment: dict[str, str], port: int) -> list[Program]:
    """The processes of one service: what serves, and what works behind it."""
    helper = ("relay", "relay") if service in RECORDING_SERVICES else ("projector", "project")
    base = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
    }
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    whole = base | passed | environment
    code = _code_of(service)
    module = f"miriam_{service}"
    return [
        Program(service, [sys.executable, "-m", module, "serve"], whole, 30, code=code, ports=[port]),
        Program(f"{service}-{helper[0]}", [sys.executable, "-m", module, helper[1]], whole, 40, code=code),
    ]


def _runnable(package: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package}.__main__") is not None
    except ModuleNotFoundError:
        return False


def _code_of(service: str) -> str:
    """A hash over name, size and time of every source file that the service is made of."""
    digest = hashlib.sha256()
    for package in (f"miriam_{service}", *_SHARED_PACKAGES):
        found = importlib.util.find_spec(package)
        for folder in sorted(found.submodule_search_locations or []) if found else []:
            for path in sorted(Path(folder).rglob("*")):
                if path.suffix in {".py", ".sql", ".json", ".html", ".css"}:
                    seen = path.stat()
                    digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
