"""Questionnaires: a row a woman and moment. There is one a moment, so the moment is the assessment's id."""

from miriam_contracts.codes import MEASURED_DOMAINS
from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="assessments",
    family="assessment",
    facts=("completed",),
    fields=(
        "project",
        "participation",
        "moment",
        "occurred_on",
        "instrument",
        *(f"scores/{domain}" for domain in MEASURED_DOMAINS),
        *(f"changes/{domain}" for domain in MEASURED_DOMAINS),
    ),
    keys={"completed": ("participation", "moment")},
    derived={"assessment": "moment"},
)
