"""An emitter's own audit: what it was promised by receipt against what the ledger proves, and the other way round."""

from miriam_emitter.reconcile.result import Difference, Kind, Reconciled
from miriam_emitter.reconcile.run import reconcile

__all__ = ["Difference", "Kind", "Reconciled", "reconcile"]
