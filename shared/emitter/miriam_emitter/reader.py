"""Reading a spool that another process may be emitting from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from miriam_emitter import storage
from miriam_emitter.receipts import OUTCOMES, Receipt

_PAGE = 500


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

    def last_number(self) -> int:
        """The number of the receipt that came last; 0 before the first."""
        with storage.explained(self._path):
            return int(self._database.execute("select coalesce(max(number), 0) from receipt").fetchone()[0])

    def count_since(self, number: int) -> dict[str, int]:
        """How many receipts of each outcome came behind a receipt's number."""
        with storage.explained(self._path):
            rows = self._database.execute(
                "select outcome, count(*) from receipt where number > ? group by outcome", (number,)
            ).fetchall()
        return {**dict.fromkeys(OUTCOMES, 0), **dict(rows)}

    def refused_since(self, number: int) -> Iterator[Receipt]:
        """The refusals that came behind a receipt's number, in that order."""
        query = (
            "select id, outcome, body, number from receipt where number > ? and outcome = 'refused'"
            " order by number limit ?"
        )
        while True:
            with storage.explained(self._path):
                rows = self._database.execute(query, (number, _PAGE)).fetchall()
            if not rows:
                return
            number = rows[-1][-1]
            for *row, _ in rows:
                yield Receipt.kept(*row)

    def _receipts(self, query: str, *values: Any) -> list[Receipt]:
        with storage.explained(self._path):
            rows = self._database.execute(query, values).fetchall()
        return [Receipt.kept(*row) for row in rows]
