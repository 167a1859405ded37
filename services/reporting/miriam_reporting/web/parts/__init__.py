"""The parts of the pages, in the order in which they were built."""

from miriam_reporting.web.part import Part
from miriam_reporting.web.parts import (
    arrivals,
    asof,
    diff,
    documents,
    entrance,
    evidence,
    ledger,
    life,
    oidc,
    outcomes,
    privacy,
    published,
    quality,
    report,
    services,
)

PARTS: tuple[Part, ...] = (
    entrance.PART,
    oidc.PART,
    report.PART,
    outcomes.PART,
    published.PART,
    evidence.PART,
    ledger.PART,
    documents.PART,
    privacy.PART,
    life.PART,
    arrivals.PART,
    quality.PART,
    asof.PART,
    diff.PART,
    services.PART,
)
