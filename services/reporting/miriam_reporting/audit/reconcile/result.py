"""What comparing a store with the ledger gave."""

from dataclasses import dataclass, field
from typing import Any

from miriam_reporting.audit.findings import Findings


@dataclass
class Reconciled:
    """A store and the ledger, compared.

    `store` and `ledger` are the last numbers of each, `same` the events that agree, `retired` those of them whose body
    is gone, `lag` those that the ledger has not taken yet.
    """

    source: str
    store: int = 0
    ledger: int = 0
    same: int = 0
    retired: int = 0
    lag: int = 0
    lag_since: str = ""
    findings: Findings = field(default_factory=Findings)

    def as_json(self) -> dict[str, Any]:
        """As `miriam audit reconcile --json` prints it."""
        return {
            "source": self.source,
            "store": self.store,
            "ledger": self.ledger,
            "same": self.same,
            "retired": self.retired,
            "lag": self.lag,
            "lag_since": self.lag_since or None,
            **self.findings.as_json(),
        }
