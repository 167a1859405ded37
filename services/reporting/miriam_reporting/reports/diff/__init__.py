"""Diff: which figures changed between two positions of the ledger, and the events that made them change."""

from miriam_reporting.reports.diff.compute import diff
from miriam_reporting.reports.diff.model import CAUSES, Change, Changed, Diff, Named, Part
from miriam_reporting.reports.diff.parts import DoesNotAddUp

__all__ = ["CAUSES", "Change", "Changed", "Diff", "DoesNotAddUp", "Named", "Part", "diff"]
