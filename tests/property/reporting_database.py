"""Reporting's own database and code, fed with leaves: the other of the two implementations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_platform import database
from miriam_reporting.facts.projection import project
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.explain import explain
from miriam_reporting.reports.model import LEVELS
from miriam_verify import Row

_BOTTOM = (("ledger", "head"), ("facts", "checkpoint"))  # one row each, set back to 0


class ReportingDatabase:
    """A migrated database of reporting that can be emptied, which nothing but a test may do."""

    def __init__(self, owner_url: str, app_url: str) -> None:
        self.app_url = app_url
        self.owner: Connection = database.connect(owner_url, "miriam-property-tests")
        self.app: Connection = database.connect(app_url, "miriam-property-tests")
        self._tables = self._find_tables()
        self._head = 0
        # The ledger's triggers refuse what emptying needs; the owner of the tables may switch them off.
        with self.owner, self.owner.cursor() as cursor:
            for table in self._tables:
                cursor.execute(sql.SQL("alter table {} disable trigger user").format(table))

    def _find_tables(self) -> list[sql.Identifier]:
        with self.owner, self.owner.cursor() as cursor:
            cursor.execute(
                # Kept figures are of the leaves that go: no ledger but an emptied one begins again.
                "select schemaname, tablename from pg_tables where schemaname in ('ledger', 'facts', 'kept')"
                # Cosignatures before the checkpoints that they are of.
                " order by schemaname, tablename desc"
            )
            return [sql.Identifier(*name) for name in cursor.fetchall() if name not in _BOTTOM]

    def load(self, bodies: Sequence[bytes], batch: int = 500) -> None:
        """Empty the ledger, load these leaves into it, and project all of them, `batch` at a time."""
        with self.owner, self.owner.cursor() as cursor:
            for table in self._tables:
                cursor.execute(sql.SQL("delete from {}").format(table))
            cursor.execute("update ledger.head set position = 0")
            cursor.execute("update facts.checkpoint set position = 0")
        with self.owner:
            load_leaves(self.owner, bodies)
        while self._project(batch):
            pass

    def _project(self, batch: int) -> int:
        with self.app:
            return project(self.app, batch)

    def figures(
        self, edition: str, as_of: int | None = None, levels: Sequence[str] = LEVELS, codes: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """The report's figures. Raises UnknownEdition, PositionBeyondHead."""
        return [figure.as_json() for figure in compute(self.app, edition, as_of, levels, codes).figures]

    def evidence(self, edition: str, code: str, part: str) -> set[Row]:
        """The rows behind a figure at the total, as the verifier writes them."""
        found = explain(self.app, edition, code, part).evidence
        return {
            Row(part, e.cpas, e.project, e.region, e.unit, e.event_id, e.counted, e.reason or "", e.amount)
            for e in found
        }

    def close(self) -> None:
        """End the connections."""
        self.owner.close()
        self.app.close()
