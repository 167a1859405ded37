"""What a diff holds, and the JSON it is written as."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

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

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "State":
        """A state that was printed by `as_json`."""
        return cls(told["numerator"], told["denominator"], tuple(told.get("amounts", ())), tuple(told["excluded"]))

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

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Change":
        """A change that was printed by `as_json`."""
        before, after = (State.from_json(told[side]) for side in ("before", "after"))
        events = [Named(**event) for event in told["events"]]
        return cls(told["unit"], told["cause"], before, after, events, told["events_omitted"])

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
class Part:
    """What several units add together."""

    units: int = 0
    numerator: int = 0
    denominator: int = 0

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Part":
        """A part that was printed by `as_json`."""
        return cls(told["units"], told["numerator"], told["denominator"])

    def __add__(self, change: Change) -> "Part":
        return Part(self.units + 1, self.numerator + change.numerator, self.denominator + change.denominator)

    def turned(self) -> "Part":
        """The same, seen from the later position."""
        return Part(self.units, -self.numerator, -self.denominator)

    def as_json(self) -> dict[str, int]:
        """As `diff --json` prints it."""
        return {"units": self.units, "numerator": self.numerator, "denominator": self.denominator}


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure that changed: what its units add by cause, and the units; `omitted` are those that are not listed."""

    before: Figure
    after: Figure
    changes: Sequence[Change]
    causes: Mapping[str, Part]
    omitted: Part = Part()

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Changed":
        """A changed figure that was printed by `as_json`; both sides of one unit, so of the same definitions."""
        shared = {name: told[name] for name in ("code", "by", "unit")}
        before, after = (Figure.from_json({**told[side], **shared}) for side in ("before", "after"))
        causes = {each["cause"]: Part.from_json(each) for each in told["causes"]}
        changes = [Change.from_json(each) for each in told["changes"]]
        return cls(before, after, changes, causes, Part.from_json(told["omitted"]))

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
        return signed(Counter(dict(self.after.excluded or ())), Counter(dict(self.before.excluded or ())))

    def turned(self) -> "Changed":
        """The same, seen from the later position."""
        causes = {cause: part.turned() for cause, part in self.causes.items()}
        turned = [change.turned() for change in self.changes]
        return Changed(self.after, self.before, turned, causes, self.omitted.turned())

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
            "causes": [{"cause": cause, **part.as_json()} for cause, part in self.causes.items()],
            "changes": [change.as_json() for change in self.changes],
            "omitted": self.omitted.as_json(),
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

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Diff":
        """A diff that was printed by `as_json`, before its sides were told what was asked for."""
        before, after = (Side(told[side]["position"], told[side]["definitions"]) for side in ("from", "to"))
        return cls(told["edition"], before, after, _Read(told["figures"]))

    def as_json(self) -> dict[str, Any]:
        """The diff as `diff --json` prints it."""
        return {
            "edition": self.edition,
            "from": self.before.as_json(),
            "to": self.after.as_json(),
            "figures": [changed.as_json() for changed in self.figures],
        }


class _Read(Sequence[Changed]):
    """Figures that were printed, each read when it is asked for: a page shows few of thousands."""

    def __init__(self, told: Sequence[Mapping[str, Any]]) -> None:
        self._told = told

    def __len__(self) -> int:
        return len(self._told)

    @overload
    def __getitem__(self, which: int) -> Changed: ...

    @overload
    def __getitem__(self, which: slice) -> list[Changed]: ...

    def __getitem__(self, which: int | slice) -> Changed | list[Changed]:
        if isinstance(which, slice):
            return [Changed.from_json(each) for each in self._told[which]]
        return Changed.from_json(self._told[which])


def signed(after: Counter[str], before: Counter[str]) -> dict[str, int]:
    """After minus before by key, where that is not nothing."""
    return {key: more for key in {*after, *before} if (more := after[key] - before[key])}


def _less(after: int | None, before: int | None) -> int | None:
    return None if after is None and before is None else (after or 0) - (before or 0)


def _told(figure: Figure) -> dict[str, Any]:
    told = figure.as_json()
    return {name: told[name] for name in ("numerator", "denominator", "value", "excluded", "detail") if name in told}
