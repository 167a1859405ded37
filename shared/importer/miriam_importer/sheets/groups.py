"""Groups: formed and closed, and who belongs to them. Who leaves may join again, so a day is part of what is known."""

from miriam_importer.sheets.model import Sheet

_MEMBER = ("group", "participation", "occurred_on")

SHEET = Sheet(
    kind="groups",
    family="group",
    facts=("formed", "joined", "left", "closed"),
    fields=("project", "group", "fact", "occurred_on", "participation", "reason", "consortium"),
    keys={"formed": ("group",), "joined": _MEMBER, "left": _MEMBER, "closed": ("group",)},
)
