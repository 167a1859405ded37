"""Exits, and the follow-up after a year."""

from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="exits",
    family="participation",
    facts=("ended", "followed_up"),
    fields=("project", "participation", "fact", "occurred_on", "reason", "certificate", "situation", "personal/text"),
    keys={"ended": ("participation",), "followed_up": ("participation",)},
)
