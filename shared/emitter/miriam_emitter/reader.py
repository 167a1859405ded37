"""Reading a spool that another process may be emitting from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from miriam_emitter import storage
from miriam_emitter.receipts import Receipt


class Reader:
    """Looks into a spool without holding it."""

    def __init__(self, path: Path) -> None:
        """Open the spool for reading.

        Raises:
            SpoolError: there is none.
            SpoolDamaged: the file is damaged, or no spool.
        """
        self._path = path
        self._database = storage.open_for_reading(path)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Safe to repeat."""
        self._database.close()

    def latest(self, outcome: str | None, limit: int) -> list[Receipt]:
        """The receipts kept, the latest first; of one outcome, or of any."""
        return self._receipts(
            "select id, outcome, body from receipt where ? in (outcome, '') order by number desc limit ?",
            outcome or "",
            limit,
        )

    def after(self, id_: str, limit: int) -> list[Receipt]:
        """The receipts kept, in the order of their ids, behind one id: to walk over all of them."""
        return self._receipts("select id, outcome, body from receipt where id > ? order by id limit ?", id_, limit)

    def waiting(self) -> int:
        """How many entries have no answer yet."""
        with storage.explained(self._path):
            return int(self._database.execute("select count(*) from entry where state = 'waiting'").fetchone()[0])

    def _receipts(self, query: str, *values: Any) -> list[Receipt]:
        with storage.explained(self._path):
            rows = self._database.execute(query, values).fetchall()
        return [Receipt.kept(*row) for row in rows]
