"""Enrolments: who was referred to the programme, and who chose to take part."""

from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="enrolments",
    family="participation",
    facts=("referred", "enrolled"),
    fields=(
        "project",
        "participation",
        "fact",
        "occurred_on",
        "referrer",
        "consented_on",
        "eligibility",
        "employment",
        "education",
        "children",
        "language",
        "case_manager",
        "personal/niss",
        "personal/first_name",
        "personal/last_name",
        "personal/birth_date",
        "personal/text",
    ),
    keys={"referred": ("participation",), "enrolled": ("participation",)},
)
