"""What a diff holds, and the JSON it is written as."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from miriam_reporting.reports.model import Figure

# In the order in which one is chosen where a unit has several (README.md).
CAUSES = ("new_definition", "retracted", "corrected", "late", "new", "re_matched")
# So many events are named for one unit; of a re-matched project there may be thousands.
NAMED = 20


@dataclass(frozen=True, slots=True)
class State:
    """What one unit contributes to one figure at one position.

    `numerator` and `denominator` add up over units to the figure's (None where the figure has none); `amount` is what a
    median or a pair rests on; `excluded` the reasons for which it is left out.
    """

    numerator: int | None = None
    denominator: int | None = None
    amount: tuple[int, ...] = ()
    excluded: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As `diff --json` prints it; amounts only where there are any."""
        found: dict[str, Any] = {"numerator": self.numerator, "denominator": self.denominator}
        if self.amount:
            found["amounts"] = list(self.amount)
        return {**found, "excluded": list(self.excluded)}


@dataclass(frozen=True, slots=True)
class Named:
    """An event between the two positions that made a unit count otherwise. `cause` is its own part in it."""

    event_id: str
    position: int
    type: str
    cause: str

    def as_json(self) -> dict[str, Any]:
        """As `diff --json` prints it."""
        return {"event_id": self.event_id, "position": self.position, "type": self.type, "cause": self.cause}


@dataclass(frozen=True, slots=True)
class Change:
    """One unit that contributes otherwise than before, for one cause. `omitted` events are too many to name."""

    unit: str
    cause: str
    before: State
    after: State
    events: Sequence[Named] = ()
    omitted: int = 0

    @property
    def numerator(self) -> int:
        """By how much the unit changed the numerator."""
        return (self.after.numerator or 0) - (self.before.numerator or 0)

    @property
    def denominator(self) -> int:
        """By how much the unit changed the denominator."""
        return (self.after.denominator or 0) - (self.before.denominator or 0)

    def turned(self) -> "Change":
        """The same, seen from the later position."""
        return replace(self, before=self.after, after=self.before)

    def as_json(self) -> dict[str, Any]:
        """As `diff --json` prints it."""
        return {
            "unit": self.unit,
            "cause": self.cause,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "events": [event.as_json() for event in self.events],
            "events_omitted": self.omitted,
        }


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure that changed, with every unit that made it change."""

    before: Figure
    after: Figure
    changes: Sequence[Change]

    @property
    def numerator(self) -> int | None:
        """After minus before; None where the figure has no numerator."""
        return _less(self.after.numerator, self.before.numerator)

    @property
    def denominator(self) -> int | None:
        """After minus before; None where the figure has no denominator."""
        return _less(self.after.denominator, self.before.denominator)

    @property
    def excluded(self) -> dict[str, int]:
        """By reason, after minus before, where that is not nothing."""
        return signed(Counter(dict(self.after.excluded)), Counter(dict(self.before.excluded)))

    def by_cause(self) -> list[tuple[str, int, int, int]]:
        """For each cause: units, and what they add to numerator and denominator. Their sums are the differences."""
        found = []
        for cause in CAUSES:
            own = [change for change in self.changes if change.cause == cause]
            if own:
                parts = sum(change.numerator for change in own), sum(change.denominator for change in own)
                found.append((cause, len(own), *parts))
        return found

    def turned(self) -> "Changed":
        """The same, seen from the later position."""
        return Changed(self.after, self.before, [change.turned() for change in self.changes])

    def as_json(self) -> dict[str, Any]:
        """As `diff --json` prints it."""
        difference: dict[str, Any] = {"numerator": self.numerator, "denominator": self.denominator}
        excluded = [{"reason": reason, "count": count} for reason, count in sorted(self.excluded.items())]
        return {
            "code": self.after.code,
            "by": dict(self.after.by),
            "unit": self.after.unit,
            "before": _told(self.before),
            "after": _told(self.after),
            "difference": {**difference, "excluded": excluded},
            "causes": [
                {"cause": cause, "units": units, "numerator": numerator, "denominator": denominator}
                for cause, units, numerator, denominator in self.by_cause()
            ],
            "changes": [change.as_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a diff: a position, and by which definitions its figures are computed."""

    position: int
    definitions: str = "current"
    answered: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """As `diff --json` prints it."""
        return {"position": self.position, "definitions": self.definitions, **(self.answered or {})}


@dataclass(frozen=True, slots=True)
class Diff:
    """Which figures of an edition changed between two positions, in the order of reports."""

    edition: str
    before: Side
    after: Side
    figures: Sequence[Changed]

    def as_json(self) -> dict[str, Any]:
        """The diff as `diff --json` prints it."""
        return {
            "edition": self.edition,
            "from": self.before.as_json(),
            "to": self.after.as_json(),
            "figures": [changed.as_json() for changed in self.figures],
        }


def signed(after: Counter[str], before: Counter[str]) -> dict[str, int]:
    """After minus before by key, where that is not nothing."""
    return {key: more for key in {*after, *before} if (more := after[key] - before[key])}


def _less(after: int | None, before: int | None) -> int | None:
    return None if after is None and before is None else (after or 0) - (before or 0)


def _told(figure: Figure) -> dict[str, Any]:
    told = figure.as_json()
    return {name: told[name] for name in ("numerator", "denominator", "value", "excluded", "detail") if name in told}
