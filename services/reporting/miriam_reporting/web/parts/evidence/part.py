"""The part, and who may look at what in it."""

from miriam_reporting.web.asked import Asked
from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import Role

PART = Part("evidence")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)
ROWS = 50


def page_number(asked: Asked) -> int:
    """The page of a long list that is asked for, from 1; what is no number is the first."""
    told = asked.args.get("page", "1")
    return max(1, int(told)) if told.isascii() and told.isdigit() and len(told) <= 9 else 1


def is_anothers(asked: Asked, origin: str) -> bool:
    """Whether another CPAS said it; never so to readers who are of none."""
    return asked.viewer.role is Role.CPAS and origin.startswith("/cpas/") and origin != f"/cpas/{asked.viewer.cpas}"


def is_own_participation(asked: Asked, participation: str | None) -> bool:
    """Whether this reader may open its course: a CPAS those that it named itself."""
    return asked.viewer.role is not Role.CPAS or (participation or "").partition(":")[0] == asked.viewer.cpas
