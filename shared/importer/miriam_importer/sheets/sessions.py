"""Individual sessions, held or missed."""

from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="sessions",
    family="session",
    facts=("held", "missed"),
    fields=(
        "project",
        "participation",
        "session",
        "fact",
        "occurred_on",
        "duration_minutes",
        "place",
        "theme",
        "case_manager",
        "reason",
        "personal/text",
    ),
    keys={"held": ("participation", "session"), "missed": ("participation", "session")},
)
