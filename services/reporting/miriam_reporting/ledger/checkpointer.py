"""The checkpointer: a plain process that signs the ledger's head as it grows. One leads, others stand by.

It signs nothing that does not continue what was signed before, by the database and by a file of its own beside the key:
then it raises an alarm and ends.
"""

import select
import time
from functools import partial

from psycopg2.extensions import connection as Connection

from miriam_platform import logging
from miriam_platform.database import LOST, connect, pauses
from miriam_reporting.ledger import checkpoints, tree
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.ledger.tiles import extend
from miriam_transparency.merkle import ProofError, verify_consistency
from miriam_transparency.notes import Checkpoint, Note, NoteError

POLL_SECONDS = 0.5
STANDBY_SECONDS = 0.5
# Under load a head is signed so often, not for every batch.
LEAST_SECONDS = 0.2
_LOCK = 0x4D69436B7074

log = logging.get(__name__)


class HistoryChanged(Exception):
    """The ledger is not the one that was signed before. The message says how; `size` and `note` what was signed."""

    def __init__(self, detail: str, size: int = 0, note: str = "") -> None:
        super().__init__(detail)
        self.size = size
        self.note = note


class Checkpointer:
    """Signs heads until `stop` is called, from a signal handler for instance."""

    def __init__(self, database_url: str, keys: LogKeys, origin: str) -> None:
        self._url = database_url
        self._keys = keys
        self._origin = origin
        self._stopping = False

    def stop(self) -> None:
        """Come to an end after the head under way."""
        self._stopping = True

    def run(self) -> None:
        """Lead, or stand by, until stopped; a lost server is awaited with growing pauses.

        Raises HistoryChanged, after an alarm was kept: nothing may be signed then until a person has looked.
        """
        waits = pauses()
        while not self._stopping:
            began = time.monotonic()
            try:
                connection = connect(self._url, "reporting-checkpointer")
                try:
                    self._session(connection)
                finally:
                    connection.close()
            except LOST as error:
                if time.monotonic() - began > 10:
                    waits = pauses()
                pause = next(waits)
                log.warning("database lost", error=logging.told(error), pause=pause)
                time.sleep(pause)

    def _session(self, connection: Connection) -> None:
        while not self._stopping and not _lead(connection):
            time.sleep(STANDBY_SECONDS)
        _run(connection, "listen ledger")
        log.info("signing heads")
        # Whatever has grown or not: what was signed must still be so.
        checked = False
        while not self._stopping:
            began = time.monotonic()
            try:
                signed = self.sign_head(connection, always_check=not checked)
            except HistoryChanged as changed:
                connection.rollback()
                _raise_alarm(connection, changed)
                raise
            checked = True
            if signed is None:
                _await_notice(connection)
            else:
                log.debug("head signed", sequence=signed, seconds=round(time.monotonic() - began, 4))
                time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - began)))

    def sign_head(self, connection: Connection, *, always_check: bool = True) -> int | None:
        """Sign the head as it is now; answer its size, or None where it was signed before.

        Raises HistoryChanged, KeyFileError.
        """
        size = _head(connection)
        with connection:
            stored = checkpoints.latest(connection)
        if not always_check and stored is not None and stored.size == size:
            return None
        try:
            extend(connection, size)
        except tree.LeavesMissing as missing:
            self._check(connection, self._known(stored), size)
            # Of what was not signed yet, something is gone already.
            raise HistoryChanged(str(missing), size) from missing
        last = self._check(connection, self._known(stored), size)
        if size == 0 or (stored is not None and stored.size == size):
            return None
        with connection:
            head = Checkpoint(self._origin, size, tree.root_at(connection, size))
        note = self._keys.sign(head.text(), last)
        # Remembered before it is shown: after a crash in between, it was signed and binds us.
        self._keys.remember(note)
        with connection:
            checkpoints.add(connection, size, head.root, str(note))
        return size

    def _known(self, stored: checkpoints.Signed | None) -> list[Note]:
        """What was signed last, by the database and by our own file."""
        own = self._keys.remembered()
        found = [] if stored is None else [Note.parse(stored.note)]
        return [*found, *([] if own is None or (found and own.text == found[0].text) else [own])]

    def _check(self, connection: Connection, known: list[Note], size: int) -> Note | None:
        """Check that the first `size` leaves continue each of these; answer the largest. Raises HistoryChanged."""
        largest: tuple[int, Note] | None = None
        for note in known:
            signed = Checkpoint.parse(note.text)
            changed = partial(HistoryChanged, size=signed.size, note=str(note))
            try:
                verified = note.verified_by(self._keys.published())
            except NoteError as error:
                raise changed(f"the head of {signed.size} leaves: {error}") from error
            if not verified or signed.origin != self._origin:
                raise changed(f"the head of {signed.size} leaves was not signed by this log")
            if signed.size > size:
                raise changed(f"{signed.size} leaves were signed, and there are {size}")
            try:
                with connection:
                    proof = tree.consistency(connection, signed.size, size)
                    root = tree.root_at(connection, size)
                verify_consistency(signed.size, signed.root, size, root, proof)
            except (ProofError, tree.BeyondLedger) as error:
                raise changed(f"the first {signed.size} leaves: {error}") from error
            if largest is None or signed.size > largest[0]:
                largest = (signed.size, note)
        return None if largest is None else largest[1]


def _raise_alarm(connection: Connection, changed: HistoryChanged) -> None:
    log.critical("the ledger is not the one that was signed", code="history", sequence=changed.size)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select ledger.raise_alarm('history', 'reporting', %s, %s, %s)",
            (changed.size, (changed.note or str(changed)).encode(), str(changed)[:200]),
        )


def _head(connection: Connection) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute("select position from ledger.head")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _lead(connection: Connection) -> bool:
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", (_LOCK,))
        row = cursor.fetchone()
        return bool(row and row[0])


def _run(connection: Connection, statement: str) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)


def _await_notice(connection: Connection) -> None:
    connection.poll()
    if not connection.notifies:
        select.select([connection], [], [], POLL_SECONDS)
        connection.poll()
    connection.notifies.clear()
