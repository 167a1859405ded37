"""What a report and an explanation hold, and the JSON they are written as."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# From the whole to the smallest; also the order of figures.
LEVELS = ("total", "region", "cpas", "project")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `by` holds the level's value and the part's; `value` is an integer, a decimal string or None.

    `numerator` and `denominator` are as the counting rules define them by kind (euro cents and minutes where they are
    sums of such); `excluded` counts by reason, None where it is not told. `detail` is of indicator I06 alone. Of one
    that is `withheld` from the public nothing else is told than what it is of.
    """

    code: str
    by: Mapping[str, str]
    numerator: int | None
    denominator: int | None
    value: int | str | None
    unit: str
    excluded: Sequence[tuple[str, int]] | None
    detail: Mapping[str, str | None] | None = None
    withheld: bool = False

    @property
    def level(self) -> str:
        """The level that it is of: one of LEVELS."""
        return next((level for level in LEVELS[1:] if level in self.by), "total")

    @property
    def part(self) -> str:
        """The part that it is of, as `key=value`; empty for the whole."""
        return next((f"{key}={value}" for key, value in self.by.items() if key not in LEVELS), "")

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Figure":
        """A figure that was printed by `as_json`."""
        names = ("code", "by", "numerator", "denominator", "value", "unit")
        left_out = told["excluded"]
        excluded = None if left_out is None else [(each["reason"], each["count"]) for each in left_out]
        more = {"detail": told.get("detail"), "withheld": told.get("withheld", False)}
        return cls(**{name: told[name] for name in names}, excluded=excluded, **more)

    def as_json(self) -> dict[str, Any]:
        """The figure as `report --json` prints it."""
        found: dict[str, Any] = {
            "code": self.code,
            "by": dict(self.by),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "unit": self.unit,
            "excluded": self.excluded
            if self.excluded is None
            else [{"reason": reason, "count": count} for reason, count in self.excluded],
            "withheld": self.withheld,
        }
        if self.detail is not None:
            found["detail"] = dict(self.detail)
        return found


@dataclass(frozen=True, slots=True)
class Overlap:
    """By how much the figures of a level, added up, exceed the total: units that count in more than one place."""

    code: str
    level: str
    part: str
    by: Mapping[str, str]
    numerator: int
    denominator: int | None

    def as_json(self) -> dict[str, Any]:
        """The overlap as `report --json` prints it."""
        told = {"code": self.code, "level": self.level, "by": dict(self.by)}
        return {**told, "numerator": self.numerator, "denominator": self.denominator}


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The head of the ledger's tree over leaves 1..`size`: a function of those leaves, never of the clock."""

    origin: str
    size: int
    root: bytes

    def as_json(self) -> dict[str, Any]:
        """As reports hold it."""
        return {"origin": self.origin, "size": self.size, "root": base64.b64encode(self.root).decode()}


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked and what answers it: a position, or a day and the day of the checkpoint that stands for it."""

    asked: int | str
    day: str | None = None
    head: TreeHead | None = None

    def as_json(self) -> dict[str, Any]:
        """As reports hold it: `as_of_day` only where a day was asked for."""
        day = {} if self.day is None else {"as_of_day": self.day}
        return {"as_of": self.asked, **day, "checkpoint": self.head and self.head.as_json()}


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of an edition as of a position of the ledger.

    `answered` says what was asked for (None: the position itself, without the tree's head); `definitions` by what the
    figures were computed: `current`, or the report whose publication used them.
    """

    edition: str
    position: int
    figures: Sequence[Figure]
    overlaps: Sequence[Overlap] = ()
    answered: Answered | None = None
    definitions: str = "current"

    def as_json(self) -> dict[str, Any]:
        """The report as `report --json` prints it."""
        return {
            "edition": self.edition,
            "position": self.position,
            **(self.answered or Answered(self.position)).as_json(),
            "definitions": self.definitions,
            "figures": [figure.as_json() for figure in self.figures],
            "overlaps": [overlap.as_json() for overlap in self.overlaps],
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row behind a figure: which event, at which position, and how it counts."""

    part: str
    cpas: str | None
    project: str | None
    region: str | None
    unit: str
    event_id: str
    position: int
    counted: str
    reason: str | None
    amount: int | None

    def as_json(self) -> dict[str, Any]:
        """The row as `explain --json` prints it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class LeafOf:
    """Where an event stands: its service, its number there, and the hash of its leaf."""

    source: str
    sequence: int
    leaf: bytes

    def as_json(self) -> dict[str, Any]:
        """As `explain --json` prints it."""
        return {"source": self.source, "sequence": self.sequence, "leaf": self.leaf.hex()}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with every row that it was computed from; `leaves`, where known, by the rows' positions."""

    edition: str
    position: int
    figure: Figure
    parts: Sequence[str]
    evidence: Sequence[Evidence]
    answered: Answered | None = None
    definitions: str = "current"
    leaves: Mapping[int, LeafOf] | None = None

    def as_json(self) -> dict[str, Any]:
        """The explanation as `explain --json` prints it."""
        leaves = {position: leaf.as_json() for position, leaf in (self.leaves or {}).items()}
        return {
            "edition": self.edition,
            "position": self.position,
            **(self.answered or Answered(self.position)).as_json(),
            "definitions": self.definitions,
            "figures": [self.figure.as_json()],
            "parts": list(self.parts),
            "evidence": [row.as_json() | leaves.get(row.position, {}) for row in self.evidence],
        }
