"""One program of a deployment, and where all of them are kept. It imports little: each process begins with it."""

from __future__ import annotations

import hashlib
import json
import signal
from dataclasses import asdict, dataclass, field

from miriam_local.passwords import write_private
from miriam_local.places import Places


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
