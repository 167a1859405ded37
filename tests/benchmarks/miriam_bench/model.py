"""A row of the table: what was measured, against whom, and whether the bar was met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What must be reached: a value of ours, or a ratio to the best peer, in the row's own sense of better."""

    value: float | None = None
    ratio: float | None = None


@dataclass(slots=True)
class Row:
    """One line of the table.

    name     what was done
    unit     of every value in the row: events/s, ms ...
    better   whether a higher or a lower value is the better one
    bar      what must be reached
    ours     our values, one a round
    peers    each peer's values, one a round, from the same rounds
    others   further values from the same rounds, shown and not compared with; `notes` say why
    limits   what limits ours, in a few words; shown where the bar is missed
    notes    what a reader must know to judge the comparison
    """

    name: str
    unit: str
    better: Better
    bar: Bar
    ours: list[float] = field(default_factory=list)
    peers: dict[str, list[float]] = field(default_factory=dict)
    others: dict[str, list[float]] = field(default_factory=dict)
    limits: str = ""
    notes: str = ""

    @property
    def median(self) -> float:
        """Ours."""
        return statistics.median(self.ours)

    @property
    def best_peer(self) -> float | None:
        """The median of the best peer; None without peers."""
        medians = [statistics.median(values) for values in self.peers.values() if values]
        if not medians:
            return None
        return max(medians) if self.better == "higher" else min(medians)

    @property
    def ratio(self) -> float | None:
        """How many times better than the best peer."""
        peer = self.best_peer
        if not peer or not self.median:
            return None
        return self.median / peer if self.better == "higher" else peer / self.median

    @property
    def met(self) -> bool:
        """Whether every part of the bar was reached."""
        if self.bar.value is not None:
            reached = self.median >= self.bar.value if self.better == "higher" else self.median <= self.bar.value
            if not reached:
                return False
        return self.bar.ratio is None or (self.ratio is not None and self.ratio >= self.bar.ratio)

    def as_json(self) -> dict[str, Any]:
        """The row with every round's value."""
        return {
            "row": self.name, "unit": self.unit, "better": self.better, "ours": self.median, "rounds": self.ours,
            "peers": {name: {"median": statistics.median(v), "rounds": v} for name, v in self.peers.items() if v},
            "others": {name: {"median": statistics.median(v), "rounds": v} for name, v in self.others.items() if v},
            "ratio": self.ratio, "bar": {"value": self.bar.value, "ratio": self.bar.ratio}, "met": self.met,
            "limits": self.limits, "notes": self.notes,
        }  # fmt: skip


def interleaved(
    rounds: int, ours: Callable[[], float], peers: Mapping[str, Callable[[], float]], tell: Callable[[str], None]
) -> tuple[list[float], dict[str, list[float]]]:
    """Measure ours and each peer in turn, round by round, the order turned each time: a busy moment hits them all."""
    mine: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(rounds):
        turns: list[tuple[str, Callable[[], float], list[float]]] = [("ours", ours, mine)]
        turns += [(name, measure, theirs[name]) for name, measure in peers.items()]
        for name, measure, values in turns if number % 2 == 0 else reversed(turns):
            values.append(measure())
            tell(f"round {number + 1}/{rounds}, {name}: {values[-1]:,.0f}")
    return mine, theirs
