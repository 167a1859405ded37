"""What a report and an explanation hold, and the JSON they are written as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# From the whole to the smallest; also the order of figures.
LEVELS = ("total", "region", "cpas", "project")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `by` holds the level's value and the part's; `value` is an integer, a decimal string or None.

    `numerator` and `denominator` are as the counting rules define them by kind (euro cents and minutes where they are
    sums of such); `excluded` counts by reason. `detail` is of indicator I06 alone.
    """

    code: str
    by: Mapping[str, str]
    numerator: int | None
    denominator: int | None
    value: int | str | None
    unit: str
    excluded: Sequence[tuple[str, int]]
    detail: Mapping[str, str | None] | None = None

    @property
    def level(self) -> str:
        """The level that it is of: one of LEVELS."""
        return next((level for level in LEVELS[1:] if level in self.by), "total")

    @property
    def part(self) -> str:
        """The part that it is of, as `key=value`; empty for the whole."""
        return next((f"{key}={value}" for key, value in self.by.items() if key not in LEVELS), "")

    def as_json(self) -> dict[str, Any]:
        """The figure as `report --json` prints it."""
        found: dict[str, Any] = {
            "code": self.code,
            "by": dict(self.by),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "unit": self.unit,
            "excluded": [{"reason": reason, "count": count} for reason, count in self.excluded],
            "withheld": False,
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
class Report:
    """The figures of an edition as of a position of the ledger."""

    edition: str
    position: int
    figures: Sequence[Figure]
    overlaps: Sequence[Overlap] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as `report --json` prints it; `checkpoint` is null until tree heads are signed."""
        return {
            "edition": self.edition,
            "position": self.position,
            "as_of": self.position,
            "checkpoint": None,
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
class Explanation:
    """A figure with every row that it was computed from."""

    edition: str
    position: int
    figure: Figure
    parts: Sequence[str]
    evidence: Sequence[Evidence]

    def as_json(self) -> dict[str, Any]:
        """The explanation as `explain --json` prints it."""
        return {
            "edition": self.edition,
            "position": self.position,
            "as_of": self.position,
            "checkpoint": None,
            "figures": [self.figure.as_json()],
            "parts": list(self.parts),
            "evidence": [row.as_json() for row in self.evidence],
        }
