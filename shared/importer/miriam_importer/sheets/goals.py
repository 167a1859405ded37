"""Goals: set, worked at, reached or given up. A step towards a goal is known by its day, since it has no number."""

from miriam_importer.sheets.model import Sheet

_GOAL = ("participation", "goal")

SHEET = Sheet(
    kind="goals",
    family="goal",
    facts=("set", "progressed", "reached", "abandoned"),
    fields=(
        "project",
        "participation",
        "goal",
        "fact",
        "occurred_on",
        "domain",
        "percent",
        "evidence",
        "reason",
        "personal/text",
    ),
    keys={"set": _GOAL, "progressed": (*_GOAL, "occurred_on"), "reached": _GOAL, "abandoned": _GOAL},
)
