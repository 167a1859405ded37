"""What every row is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from miriam_bench.servers import Servers


@dataclass(frozen=True, slots=True)
class Context:
    """The servers of the run, how many rounds, how large (1.0 is the size that the bars speak of), and whom to tell."""

    servers: Servers
    rounds: int
    scale: float
    tell: Callable[[str], None]

    def size(self, full: int, least: int = 1) -> int:
        """A number of events at this run's scale."""
        return max(int(full * self.scale), least)
