"""What a check found: where, and in which respect; never a value of a payload."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. `check` names what was compared, `what` says how it differs."""

    check: str
    what: str
    position: int | None = None
    source: str | None = None
    sequence: int | None = None
    event_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The members that it has."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass
class Findings:
    """All that was found: each difference is counted, the first ones are kept."""

    most: int = MOST_KEPT
    kept: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _seen: set[Finding] = field(default_factory=set, repr=False)

    def add(self, *found: Finding) -> None:
        """Take differences; one that was taken already changes nothing, as long as it is among those kept."""
        for each in found:
            if each in self._seen:
                continue
            self.counts[each.check] += 1
            if len(self.kept) < self.most:
                self.kept.append(each)
                self._seen.add(each)

    def extend(self, found: Iterable[Finding]) -> None:
        """Take several."""
        self.add(*found)

    @property
    def total(self) -> int:
        """How many there are, those included that were not kept."""
        return self.counts.total()

    def as_json(self) -> dict[str, Any]:
        """`{total, by_check, differences}`."""
        return {
            "total": self.total,
            "by_check": dict(sorted(self.counts.items())),
            "differences": [each.as_json() for each in self.kept],
        }
