"""What changes on the way: another case manager, a pause, an agreement withdrawn. Most are known by their day."""

from miriam_importer.sheets.model import Sheet

_ON_THE_DAY = ("participation", "occurred_on")

SHEET = Sheet(
    kind="changes",
    family="participation",
    facts=("case_manager_changed", "paused", "resumed", "consent_withdrawn"),
    fields=("project", "participation", "fact", "occurred_on", "case_manager", "reason"),
    keys={
        "case_manager_changed": _ON_THE_DAY,
        "paused": _ON_THE_DAY,
        "resumed": _ON_THE_DAY,
        "consent_withdrawn": ("participation",),
    },
)
