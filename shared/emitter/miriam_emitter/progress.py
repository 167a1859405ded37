"""How far a run has come: counts only, so that it may be shown and logged anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Receipts of this run by outcome, and what went on beside them."""

    recorded: int = 0
    duplicate: int = 0
    refused: int = 0
    parked: int = 0
    stray: int = 0  # for an event that was not on its way: one that was sent twice, or not by us
    unverified: int = 0  # not signed by the service, hence not believed
    resent: int = 0  # sent again for want of a receipt
    nacked: int = 0  # not taken by the broker, as where an inbox is full
    connections: int = 0

    @property
    def answered(self) -> int:
        """Receipts that ended the way of an entry."""
        return self.recorded + self.duplicate + self.refused + self.parked

    def count(self, outcome: str) -> None:
        """Add one of that outcome."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name in vars(other):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True)
class Progress:
    """A moment of a run.

    Attributes:
        waiting: entries in the spools that have no receipt yet, those on their way included.
        in_flight: entries on their way.
        troubles: emitter -> why it has no connection, or why receipts are not believed; empty when all is well.
        by_emitter: the tally of each.
    """

    waiting: int
    in_flight: int
    seconds: float
    troubles: dict[str, str]
    by_emitter: dict[str, Tally] = field(repr=False)

    @property
    def total(self) -> Tally:
        """The tallies of all emitters together."""
        whole = Tally()
        for tally in self.by_emitter.values():
            whole.add(tally)
        return whole


Report = Callable[[Progress], None]
