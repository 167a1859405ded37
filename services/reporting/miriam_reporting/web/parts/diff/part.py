"""The part itself, and what its pages are asked: from when to when, and at which level."""

from collections.abc import Sequence
from dataclasses import dataclass

from miriam_reporting.reports.diff.asked import asked_diff
from miriam_reporting.reports.diff.model import Diff
from miriam_reporting.reports.model import LEVELS
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import Role

PART = Part("diff")
READERS = (Role.AUTHORITY, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Between:
    """From when to when, each a position or a day; `by` is the level that is told besides the whole, or none."""

    before: str
    after: str
    by: str = ""

    @property
    def levels(self) -> Sequence[str]:
        """The levels of the figures that are compared."""
        return ("total", self.by) if self.by else ("total",)

    @property
    def arguments(self) -> dict[str, str]:
        """As an address has them."""
        return {name: value for name, value in (("from", self.before), ("to", self.after), ("by", self.by)) if value}


def between(asked: Asked) -> Between | None:
    """What is asked; None before a beginning and an end are chosen."""
    before, after = (asked.args.get(name, "").strip() for name in ("from", "to"))
    by = asked.args.get("by", "")
    return Between(before, after, by if by in LEVELS[1:] else "") if before and after else None


def compared(
    asked: Asked, edition: str, when: Between, most: int, levels: Sequence[str], codes: Sequence[str] | None = None
) -> Diff:
    """The diff; `most` units of each figure are named. Raises what `asked_diff` raises."""
    return asked.database.ask(
        lambda connection: asked_diff(
            connection, edition, when.before, when.after, levels, codes, None, most, may_be_kept=True
        )
    )
