"""The emitter's own papers: what its spool holds of entries and receipts, read while another process may emit; and the
last head of the log that it believed, which is kept beside them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from miriam_emitter import storage
from miriam_transparency.notes import Checkpoint, Note

PAGE = 1000
_SEEN = "create table if not exists seen_head (origin text primary key, note text not null) strict, without rowid"


@dataclass(frozen=True, slots=True)
class Paper:
    """A kept receipt: the emitter's id of the event, the outcome, when it came (UTC, ISO 8601), and what it says."""

    id: str
    outcome: str
    received_at: str
    content: dict[str, Any]


class Papers:
    """Reads a spool; use it as a context manager.

    Raises SpoolError where there is no spool, SpoolDamaged where it is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = storage.open_for_reading(path)

    def __enter__(self) -> Papers:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def promises(self) -> Iterator[list[Paper]]:
        """The receipts that promise an event, those of an earlier spool too, in pages."""
        after = ""
        while rows := self._ask(
            "select id, outcome, received_at, body from receipt where id > ? order by id limit ?", (after, PAGE)
        ):
            after = rows[-1][0]
            yield [paper for paper in map(_paper, rows) if promises(paper)]
        key = ("", "", "")
        while rows := self._ask(
            "select id, outcome, received_at, body, service from stray_receipt"
            " where (id, service, outcome) > (?, ?, ?) order by id, service, outcome limit ?",
            (*key, PAGE),
        ):
            key = (rows[-1][0], rows[-1][4], rows[-1][1])
            yield [paper for paper in (_paper(row[:4]) for row in rows) if promises(paper)]

    def emitted(self, ids: Sequence[str]) -> dict[str, Paper | None]:
        """Which of these ids were emitted from this spool, each with the receipt that counts for it, if one came."""
        found: dict[str, Paper | None] = {}
        for start in range(0, len(ids), PAGE):
            part = list(ids[start : start + PAGE])
            marks = ",".join("?" * len(part))
            found |= dict.fromkeys(row[0] for row in self._ask(f"select id from entry where id in ({marks})", part))
            for row in self._ask(f"select id, outcome, received_at, body from receipt where id in ({marks})", part):
                found[row[0]] = _paper(row)
        return found

    def strays(self, ids: Sequence[str]) -> set[str]:
        """Which of these ids a receipt came for that no entry of this spool waited for."""
        found: set[str] = set()
        for start in range(0, len(ids), PAGE):
            part = list(ids[start : start + PAGE])
            marks = ",".join("?" * len(part))
            found.update(row[0] for row in self._ask(f"select id from stray_receipt where id in ({marks})", part))
        return found

    def seen(self, origin: str) -> str | None:
        """The note of the head that was believed last; None before the first."""
        if not self._ask("select 1 from sqlite_master where name = 'seen_head'", ()):
            return None
        rows = self._ask("select note from seen_head where origin = ?", (origin,))
        return str(rows[0][0]) if rows else None

    def largest_seen(self) -> int | None:
        """The size of the largest head, of any log, that was believed; None before the first."""
        if not self._ask("select 1 from sqlite_master where name = 'seen_head'", ()):
            return None
        notes = [str(row[0]) for row in self._ask("select note from seen_head", ())]
        return max((Checkpoint.parse(Note.parse(note).text).size for note in notes), default=None)

    def count(self) -> int:
        """How many receipts there are, those of an earlier spool included."""
        (row,) = self._ask("select (select count(*) from receipt) + (select count(*) from stray_receipt)", ())
        return int(row[0])

    def remember(self, origin: str, note: str) -> None:
        """Keep the head that was believed, on the disk when this returns. Needs no lock: nothing else writes this."""
        with storage.explained(self._path), contextlib.closing(self._writing()) as database:
            database.execute("pragma synchronous = full")
            database.execute(_SEEN)
            database.execute(
                "insert into seen_head values (?, ?) on conflict (origin) do update set note = excluded.note",
                (origin, note),
            )

    def _writing(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10, isolation_level=None)

    def _ask(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with storage.explained(self._path):
            return self._database.execute(query, values).fetchall()


def promises(paper: Paper) -> bool:
    """Whether a receipt says that an event is recorded."""
    return paper.outcome in ("recorded", "duplicate")


def _paper(row: tuple[Any, ...]) -> Paper:
    id_, outcome, received_at, body = row
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    # What is no receipt any more promises nothing that could be checked: its signature will be found false.
    return Paper(id_, outcome, received_at, content if isinstance(content, dict) else {})
