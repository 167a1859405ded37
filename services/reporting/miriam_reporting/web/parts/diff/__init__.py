"""What changed in an edition between two positions or days, and why."""

from miriam_reporting.web.parts.diff import causes, changes
from miriam_reporting.web.parts.diff.part import PART

__all__ = ["PART", "causes", "changes"]
