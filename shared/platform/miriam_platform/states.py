"""States of streams, kept in memory between batches: recently used ones, up to a number.

A kept state is a guess: another process may have recorded meanwhile. The append checks the version that a decision
rested on, and a refusal is checked before it stands (`Batch.moved`): a stale guess costs a second try, nothing else.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from miriam_contracts import ids


class StreamState(NamedTuple):
    """The state of a stream after its event of this version (0: before its first)."""

    version: int
    state: Any


class States:
    """The most recently used states, `capacity` at most."""

    def __init__(self, capacity: int = 50_000) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, StreamState] = OrderedDict()

    def get(self, stream: str) -> StreamState | None:
        """The kept state of a stream, or None."""
        found = self._kept.get(stream)
        if found is not None:
            self._kept.move_to_end(stream)
        return found

    def keep(self, states: Mapping[str, StreamState]) -> None:
        """Keep these, and forget the ones that were used longest ago.

        Of a test CPAS none is kept: a wipe empties its streams and leaves their versions as they are.
        """
        for stream, state in states.items():
            if ids.is_test(stream.partition("/")[2]):
                continue
            self._kept[stream] = state
            self._kept.move_to_end(stream)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def forget(self, streams: Iterable[str]) -> None:
        """Forget these: they moved on."""
        for stream in streams:
            self._kept.pop(stream, None)

    def __len__(self) -> int:
        return len(self._kept)
