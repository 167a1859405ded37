"""The durable spool: what was put here is sent until a service has answered for it, whatever crashes meanwhile.

Nothing on disk says that an entry was sent: that is true of a connection, not of an entry. What is not done after a
restart is sent again, the same bytes, and the services know it again.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from miriam_emitter import storage
from miriam_emitter.errors import IdReused
from miriam_emitter.events import Entry
from miriam_emitter.receipts import Receipt

_AT_ONCE = 500
_FINAL = ("recorded", "duplicate")
_MOST_PAGES = 2**32 - 2


_REMEMBER = "insert into about values (?, ?) on conflict (name) do update set value = excluded.value"


class Put(Enum):
    """What became of an event that was put."""

    ADDED = "added"  # new here
    KNOWN = "known"  # the same content is here already: nothing changed
    AGAIN = "again"  # it was here, and will be sent once more


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry to be sent. `body` is what is sent."""

    position: int
    id: str
    subject: str
    service: str
    routing_key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the spool under an id: its state (waiting, parked, done), what was put, the last receipt if any."""

    state: str
    fingerprint: bytes
    body: bytes
    receipt: Receipt | None


class Spool:
    """The spool of one emitter, held by this object until `close`. Its methods may be called from any thread."""

    def __init__(self, path: Path, source: str, limit: int | None = None) -> None:
        """Open the spool, making it where there is none. `limit`: the size in bytes up to which something may be put.

        Raises:
            SpoolInUse: another process holds it.
            SpoolDamaged: the file, or the secret beside it, is damaged.
            SpoolError: it is another emitter's, or cannot be used.
        """
        self.path = path
        self._lock = threading.RLock()
        self._waiting: int | None = None
        self._held = storage.lock(path)
        try:
            self._database = storage.open_for_writing(path, source)
            try:
                size = int(self._database.execute("pragma page_size").fetchone()[0])
                self._pages = _MOST_PAGES if limit is None else max(limit // size, 1)
                self.secret = storage.secret(path, new=not self._any())
            except BaseException:
                self._database.close()
                raise
        except BaseException:
            self._held.close()
            raise

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give file and lock back. Safe to repeat."""
        with self._lock:
            self._database.close()
            self._held.close()

    def put(self, entries: Sequence[Entry], again: bool = False, note: tuple[str, str] | None = None) -> list[Put]:
        """Spool entries in this order, all of them or none; they are on the disk when this returns.

        What was refused may be put anew, also with another content: a refused id is not consumed. With `again`, what
        is known is sent once more as well. A `note` (name, value) is remembered with them, or not either.

        Raises:
            IdReused: an id is here with another content, and was not refused; `index` says which.
            SpoolFull: there is no room.
        """
        with self._writing(self._pages) as database:
            found: list[Put] = []
            for start in range(0, len(entries), _AT_ONCE):
                found += self._put(entries[start : start + _AT_ONCE], again, start)
            if note is not None:
                database.execute(_REMEMBER, note)
            return found

    def waiting(self, after: int, limit: int) -> list[Waiting]:
        """Up to `limit` entries without answer behind position `after`, in the order of emission."""
        with self._reading() as database:
            rows = database.execute(
                "select position, id, subject, service, routing_key, body from entry"
                " where state = 'waiting' and position > ? order by position limit ?",
                (after, limit),
            )
            return [Waiting(*row) for row in rows]

    def settle(self, receipts: Sequence[Receipt]) -> None:
        """Keep receipts, all of them or none, and finish their entries. A receipt that comes twice changes nothing.

        Raises:
            SpoolFull: there is no room; nothing was kept.
        """
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self._writing() as database:
            for receipt in receipts:
                self._settle(database, receipt, now)

    def count_waiting(self) -> int:
        """How many entries have no answer yet."""
        with self._reading() as database:
            if self._waiting is None:
                # Asked four times a second, and days' worth may wait: counted anew when something changed.
                row = database.execute("select count(*) from entry where state = 'waiting'").fetchone()
                self._waiting = int(row[0])
            return self._waiting

    def any_parked(self) -> bool:
        """Whether an entry is parked by its service, which owes it another answer."""
        with self._reading() as database:
            return database.execute("select 1 from entry where state = 'parked' limit 1").fetchone() is not None

    def recall(self, name: str) -> str:
        """What was remembered under a name; empty where nothing was."""
        with self._reading() as database:
            row = database.execute("select value from about where name = ?", (name,)).fetchone()
            return str(row[0]) if row else ""

    def remember(self, name: str, value: str) -> None:
        """Keep a value under a name; it is on the disk when this returns. Raises SpoolFull."""
        with self._writing() as database:
            database.execute(_REMEMBER, (name, value))

    def answers(self, ids: Iterable[str]) -> Iterator[Receipt]:
        """The receipts kept for these ids, of those that have one."""
        wanted = list(ids)
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            with self._reading() as database:
                rows = database.execute(
                    f"select id, outcome, body from receipt where id in ({_marks(part)}) order by id", part
                ).fetchall()
            for row in rows:
                yield Receipt.kept(*row)

    def kept(self, ids: Iterable[str]) -> dict[str, Kept]:
        """What lies here under these ids, of those that were put."""
        wanted = list(ids)
        found: dict[str, Kept] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            with self._reading() as database:
                rows = database.execute(
                    "select entry.id, state, fingerprint, entry.body, outcome, receipt.body"
                    f" from entry left join receipt using (id) where entry.id in ({_marks(part)})",
                    part,
                ).fetchall()
            for id_, state, fingerprint, body, outcome, receipt in rows:
                found[id_] = Kept(state, fingerprint, body, Receipt.kept(id_, outcome, receipt) if outcome else None)
        return found

    def _any(self) -> bool:
        with self._reading() as database:
            return database.execute("select 1 from entry limit 1").fetchone() is not None

    def _put(self, entries: Sequence[Entry], again: bool, offset: int) -> list[Put]:
        known = self._known(entries)
        found: list[Put] = []
        new: list[Entry] = []
        for index, entry in enumerate(entries, offset):
            row = known.get(entry.id)
            if row is None:
                known[entry.id] = (entry.fingerprint, "waiting", "")
                new.append(entry)
                found.append(Put.ADDED)
                continue
            fingerprint, state, outcome = row
            refused = state == "done" and outcome == "refused"
            if fingerprint != entry.fingerprint and not refused:
                raise IdReused(
                    f"the id {entry.id} was spooled before with another content",
                    "send a correction of the fact, or mint another id",
                    index,
                )
            if refused or (again and state == "done"):
                # Known again from here on, should it come twice in one call.
                known[entry.id] = (entry.fingerprint, "waiting", "")
                self._database.execute("delete from entry where id = ?", (entry.id,))
                new.append(entry)
                found.append(Put.AGAIN)
            elif again:
                self._add(new)
                self._database.execute("update entry set further = further + 1 where id = ?", (entry.id,))
                found.append(Put.AGAIN)
            else:
                found.append(Put.KNOWN)
        self._add(new)
        return found

    def _add(self, new: list[Entry]) -> None:
        self._database.executemany(
            "insert into entry (id, subject, service, routing_key, body, fingerprint) values (?, ?, ?, ?, ?, ?)",
            [(e.id, e.subject, e.service, e.routing_key, e.body, e.fingerprint) for e in new],
        )
        new.clear()

    def _known(self, entries: Sequence[Entry]) -> dict[str, tuple[bytes, str, str]]:
        rows = self._database.execute(
            "select entry.id, fingerprint, state, coalesce(outcome, '') from entry left join receipt using (id)"
            f" where entry.id in ({_marks(entries)})",
            [entry.id for entry in entries],
        )
        return {id_: (fingerprint, state, outcome) for id_, fingerprint, state, outcome in rows}

    def _settle(self, database: sqlite3.Connection, receipt: Receipt, now: str) -> None:
        state = "parked" if receipt.outcome == "parked" else "done"
        changed = database.execute(
            "update entry set state = ? where id = ? and state <> 'done'", (state, receipt.id)
        ).rowcount
        if not changed and not database.execute("select 1 from entry where id = ?", (receipt.id,)).fetchone():
            database.execute(
                "insert or ignore into stray_receipt values (?, ?, ?, ?, ?)",
                (receipt.id, receipt.service, receipt.outcome, now, receipt.body),
            )
            return
        database.execute(
            "insert into receipt values (?, ?, ?, ?, (select coalesce(max(number), 0) + 1 from receipt))"
            " on conflict (id) do update set outcome = excluded.outcome, received_at = excluded.received_at,"
            " body = excluded.body, number = excluded.number"
            f" where outcome not in {_FINAL}",
            (receipt.id, receipt.outcome, now, receipt.body),
        )
        if changed and state == "done":
            self._send_further(database, receipt.id)

    def _send_further(self, database: sqlite3.Connection, id_: str) -> None:
        """Give an entry that shall be sent more than once a new place at the end."""
        row = database.execute(
            "delete from entry where id = ? and further > 0"
            " returning id, subject, service, routing_key, body, fingerprint, further - 1",
            (id_,),
        ).fetchone()
        if row:
            database.execute(
                "insert into entry (id, subject, service, routing_key, body, fingerprint, further)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, storage.explained(self.path):
            yield self._database

    @contextmanager
    def _writing(self, most_pages: int = _MOST_PAGES) -> Iterator[sqlite3.Connection]:
        with self._lock, storage.explained(self.path):
            # What was put shall be answered: the limit is for what is put, not for its receipts.
            self._database.execute(f"pragma max_page_count = {most_pages}")
            self._waiting = None
            self._database.execute("begin immediate")
            try:
                yield self._database
                self._database.execute("commit")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("rollback")
                raise


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
