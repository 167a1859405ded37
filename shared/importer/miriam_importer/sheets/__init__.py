"""The sheets that can be filled in, by their kind."""

from __future__ import annotations

from collections.abc import Mapping

from miriam_importer.sheets import (
    assessments,
    attendance,
    cancellations,
    changes,
    enrolments,
    exits,
    goals,
    groups,
    referrals,
    sessions,
)
from miriam_importer.sheets.model import Column, Sheet

SHEETS: Mapping[str, Sheet] = {
    module.SHEET.kind: module.SHEET
    for module in (
        enrolments,
        sessions,
        goals,
        assessments,
        referrals,
        changes,
        exits,
        groups,
        attendance,
        cancellations,
    )
}

__all__ = ["SHEETS", "Column", "Sheet"]
