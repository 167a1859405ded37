"""Group sessions: a row a woman and session; the rows of one session are one fact."""

from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="attendance",
    family="groupsession",
    facts=("held",),
    fields=(
        "project",
        "group",
        "groupsession",
        "occurred_on",
        "duration_minutes",
        "theme",
        "case_manager",
        "participation",
        "presence",
    ),
    keys={"held": ("group", "groupsession")},
    gathered="presence",
)
