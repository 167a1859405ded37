"""Facts: leaves of the ledger as versions in narrow tables, from which indicators are counted."""

from miriam_reporting.facts.projection import checkpoint, project
from miriam_reporting.facts.reading import reading

__all__ = ["checkpoint", "project", "reading"]
