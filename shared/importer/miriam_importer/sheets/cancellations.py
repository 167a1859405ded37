"""Group sessions that were planned and did not take place."""

from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="cancellations",
    family="groupsession",
    facts=("cancelled",),
    fields=("project", "group", "groupsession", "occurred_on", "reason"),
    keys={"cancelled": ("group", "groupsession")},
)
