"""What a reconciliation found, in counts and in differences; no value of a payload is in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MOST_KEPT = 1000


class Kind(StrEnum):
    """How the emitter's own papers and the ledger differ."""

    SIGNATURE = "signature"  # a kept receipt is not signed by its service any more
    LOST = "lost"  # promised by receipt, and the ledger went on without it
    LATE = "late"  # promised by receipt long ago, and not in the ledger yet
    DIFFERS = "differs"  # in the ledger under its number, but as another event than the receipt's
    UNPROVED = "unproved"  # said to be in the ledger, and its proof does not lead there
    INVENTED = "invented"  # in the ledger under our name, and never emitted from here
    LOG = "log"  # the log is smaller than it was, or another one


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `id` is the emitter's own id of the event, where it has one."""

    kind: Kind
    what: str
    id: str = ""
    service: str = ""
    sequence: int = 0

    def as_json(self) -> dict[str, Any]:
        """The members that say something."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass
class Reconciled:
    """The emitter's papers and the ledger, compared.

    Attributes:
        size: leaves of the cosigned head that everything was proved against; 0 where there is none.
        cosigned_by: names of the witnesses whose cosignature was checked, `cosigned_at` the newest of their times.
        receipts: kept receipts that promise an event; `events` the events promised by them.
        proved: events whose inclusion was proved, with the hash of the receipt.
        on_their_way: promised, and not under the head yet.
        listed: events that stand in the ledger under our name.
        unlisted: proved, and not listed under our name: retired since, or hidden.
        unanswered: listed, emitted from here, and their receipt is still to come.
    """

    emitter: str
    origin: str = ""
    size: int = 0
    root: str = ""
    cosigned_by: tuple[str, ...] = ()
    cosigned_at: int | None = None
    receipts: int = 0
    events: int = 0
    proved: int = 0
    on_their_way: int = 0
    listed: int = 0
    unlisted: int = 0
    unanswered: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def tell(self, kind: Kind, what: str, id_: str = "", service: str = "", sequence: int = 0) -> None:
        """Take a difference: all are counted, the first ones kept."""
        self.counts[kind.value] += 1
        if len(self.differences) < MOST_KEPT:
            self.differences.append(Difference(kind, what, id_, service, sequence))

    @property
    def total(self) -> int:
        """How many differences there are."""
        return self.counts.total()

    def as_json(self) -> dict[str, Any]:
        """As `miriam emit --reconcile --json` prints it."""
        found = asdict(self)
        found.pop("differences")
        return {
            **found,
            "cosigned_by": list(self.cosigned_by),
            "counts": dict(sorted(self.counts.items())),
            "total": self.total,
            "differences": [each.as_json() for each in self.differences],
        }
