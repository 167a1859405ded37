"""Each service's event store against the ledger: number by number, hash by hash."""

from miriam_reporting.audit.reconcile.result import Reconciled
from miriam_reporting.audit.reconcile.run import reconcile
from miriam_reporting.audit.reconcile.stores import OwnStore, RemoteStore, Store

__all__ = ["OwnStore", "Reconciled", "RemoteStore", "Store", "reconcile"]
