"""Referrals to a partner, and what became of them."""

from miriam_importer.sheets.model import Sheet

SHEET = Sheet(
    kind="referrals",
    family="referral",
    facts=("made", "closed"),
    fields=("project", "participation", "referral", "fact", "occurred_on", "domain", "partner", "outcome"),
    keys={"made": ("participation", "referral"), "closed": ("participation", "referral")},
)
