"""What every row at scale is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

from miriam_bench.model import Bar, Row
from miriam_bench.scale.editions import REAL
from miriam_bench.scale.kept import Kept
from miriam_local.databases import DatabaseAccess

__all__ = ["REAL", "Bench", "growth", "percentile", "short"]


@dataclass(frozen=True, slots=True)
class Bench:
    """The kept server, its ledgers by size, how many rounds, and whom to tell."""

    kept: Kept
    ledgers: Mapping[int, DatabaseAccess]
    rounds: int
    tell: Callable[[str], None]

    @property
    def growing(self) -> Mapping[int, DatabaseAccess]:
        """The ledgers whose growth is measured: all but the one of the programme's own size."""
        return {size: access for size, access in self.ledgers.items() if size != REAL}

    @property
    def largest(self) -> int:
        """The size of the largest ledger."""
        return max(self.growing)

    def near(self, wanted: int) -> int:
        """The size, of those there are, that is nearest to `wanted`."""
        return min(self.ledgers, key=lambda size: abs(size - wanted))


def short(count: int) -> str:
    """A number of events in words: 10M, 100k."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit:
            return f"{count / unit:.3g}{name}"
    return str(count)


def percentile(values: list[float], of: int) -> float:
    """The percentile of a sample."""
    return quantiles(values, n=100, method="inclusive")[of - 1]


def growth(name: str, values: Mapping[int, list[float]], bar: float) -> Row:
    """The row that tells how many times more an event costs in the largest ledger than in the smallest."""
    small, large = min(values), max(values)
    base = median(values[small])
    return Row(
        f"{name}: growth from {short(small)} to {short(large)}", "times", "lower", Bar(bar),
        [value / base for value in values[large]],
        others={f"us at {short(size)}": some for size, some in values.items()},
        limits="larger indexes: deeper, and less of them in the processor's cache",
    )  # fmt: skip
