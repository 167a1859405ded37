"""Reports: figures out of evidence, and the evidence behind a figure."""

from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.errors import (
    NoSuchPart,
    PositionBeyondHead,
    ReportError,
    UnknownEdition,
    UnknownIndicator,
)
from miriam_reporting.reports.explain import explain
from miriam_reporting.reports.model import LEVELS, Evidence, Explanation, Figure, Report

__all__ = [
    "LEVELS",
    "Evidence",
    "Explanation",
    "Figure",
    "NoSuchPart",
    "PositionBeyondHead",
    "Report",
    "ReportError",
    "UnknownEdition",
    "UnknownIndicator",
    "compute",
    "explain",
]
