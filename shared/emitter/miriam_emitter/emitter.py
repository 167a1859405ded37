"""What a CPAS system holds: put events in, run, and read the receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from miriam_emitter.errors import EventRejected
from miriam_emitter.events import Entry, prepare
from miriam_emitter.keys import PublicKeys
from miriam_emitter.pool import EmitterPool
from miriam_emitter.progress import Progress, Report
from miriam_emitter.settings import Settings
from miriam_emitter.spool import Put, Spool

Event = Mapping[str, Any]


class Emitter:
    """One emitter and its spool, which it holds until `close`.

    `put` may be called from any thread, also while `run` runs in another.
    """

    def __init__(self, settings: Settings) -> None:
        """Open the spool.

        Raises:
            SpoolInUse: another process emits from it.
            SpoolError: it is damaged, full, or another emitter's.
        """
        self.settings = settings
        self.keys = PublicKeys(settings.keys_dir)
        self.spool = Spool(settings.spool, settings.source, settings.spool_limit)
        self._pool = EmitterPool([self])
        self._more: Callable[[], None] | None = None

    def __enter__(self) -> Emitter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the spool back. Not while `run` runs: `stop` it first."""
        self.spool.close()

    def put(self, events: Event | Iterable[Event], again: bool = False) -> list[Put]:
        """Spool one event or several, all or none; they survive a crash once this returns.

        An event is a whole CloudEvent, or its short form: `type`, `subject`, `data`, `id`, `time`. Personal blocks
        are sealed on the way. `again` has events sent once more that were sent before.

        Raises:
            EventRejected: one cannot be sent; `index` says which.
            IdReused: an id was spooled before with another content.
            NotConfigured: the public key that seals a block is missing.
            SpoolFull: there is no room.
        """
        return self.put_entries(self.prepare(events), again)

    def put_entries(
        self, entries: Sequence[Entry], again: bool = False, note: tuple[str, str] | None = None
    ) -> list[Put]:
        """Spool what `prepare` made. Raises as `Spool.put` does."""
        done = self.spool.put(entries, again, note)
        if self._more is not None:
            self._more()
        return done

    def prepare(self, events: Event | Iterable[Event]) -> list[Entry]:
        """The spool's entries for events, sealed, without spooling them. Raises as `put` does."""
        whole = [events] if isinstance(events, Mapping) else events
        entries = []
        for index, event in enumerate(whole):
            try:
                entries.append(prepare(event, self.settings, self.keys, self.spool.secret))
            except EventRejected as problem:
                problem.index = index
                raise
        return entries

    def run(
        self, until_drained: bool = True, progress: Report | None = None, patience: float | None = None
    ) -> Progress:
        """Send what the spool holds, as `EmitterPool.run` says."""
        return self._pool.run(until_drained, progress, patience)

    def stop(self) -> None:
        """End `run` soon, from any thread."""
        self._pool.stop()

    def attach(self, more: Callable[[], None]) -> None:
        """A pool runs this emitter: `more` is called after each put."""
        self._more = more

    def detach(self) -> None:
        """No pool runs this emitter any more."""
        self._more = None
