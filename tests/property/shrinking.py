"""The fewest events of a history that still show what is wrong.

Hypothesis shrinks the hundreds of choices behind a history, which takes minutes. Leaves are simpler: any of them may
go, if its corrections and retractions go with it, and the numbers of its source close up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

from miriam_contracts.canonical import canonical

Fails = Callable[[list[bytes], int | None], bool]


def smallest(
    bodies: Sequence[bytes], as_of: int | None, fails: Fails, seconds: float = 60.0
) -> tuple[list[bytes], int | None]:
    """A history and position for which `fails` still holds, from which no single event can go (in the time given).

    `as_of` moves with the leaves: it stays between the same two events.
    """
    ends = time.monotonic() + seconds
    kept = list(range(len(bodies)))
    size = len(kept) // 2
    while size:
        start = 0
        while start < len(kept) and time.monotonic() < ends:
            fewer = kept[:start] + kept[start + size :]
            leaves, rest = renumbered(bodies, fewer)
            if fails(leaves, _moved(as_of, rest)):
                kept = rest
            else:
                start += size
        size = size // 2 if size > 1 or time.monotonic() >= ends else 0
    leaves, rest = renumbered(bodies, kept)
    return leaves, _moved(as_of, rest)


def renumbered(bodies: Sequence[bytes], kept: Sequence[int]) -> tuple[list[bytes], list[int]]:
    """The leaves at these places without what corrects or retracts others; and their places."""
    found, places, known = [], [], set()
    numbers: dict[str, int] = {}
    for place in kept:
        event = json.loads(bodies[place])
        concerned = event["data"].get("corrects") or event["data"].get("retracts")
        if concerned and concerned not in known:
            continue
        known.add(event["id"])
        event["sequence"] = numbers[event["source"]] = numbers.get(event["source"], 0) + 1
        found.append(canonical(event))
        places.append(place)
    return found, places


def _moved(as_of: int | None, places: Sequence[int]) -> int | None:
    return None if as_of is None else sum(place < as_of for place in places)
