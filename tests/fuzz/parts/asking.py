"""What each part of `make fuzz` is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """How many to send, drawn from which seed; or a file whose content to send again.

    `keep` is the folder where such files are written.
    """

    count: int
    seed: int
    replay: Path | None
    keep: Path


@dataclass(frozen=True)
class Outcome:
    """What was sent, in how many seconds, and what was found; `broken` says what broke, else it is empty."""

    sent: int
    seconds: float
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    broken: str = ""
    counterexample: str = ""
