"""Randomness that is the same for the same seed, on every machine, in any order of asking."""

import random
from bisect import bisect
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, *path: object) -> random.Random:
    """A generator of its own for one corner of the scenario, so that a change in one corner moves no other.

    Seeded by text: `random.Random` hashes it with SHA-512, not with Python's salted hash.
    """
    return random.Random("/".join(str(step) for step in ("miriam", seed, *path)))


class Weighted(Generic[T]):
    """A choice among values with weights; `choice(rng)` draws one."""

    def __init__(self, weights: Mapping[T, float] | Iterable[tuple[T, float]]) -> None:
        pairs = list(weights.items() if isinstance(weights, Mapping) else weights)
        self._values = [value for value, _ in pairs]
        self._bounds = list(accumulate(weight for _, weight in pairs))

    def __call__(self, rng: random.Random) -> T:
        """One value, drawn with its weight."""
        value: T = self._values[bisect(self._bounds, rng.random() * self._bounds[-1])]
        return value


def evenly(share: int, of: int, phase: int, index: int) -> bool:
    """Whether the `index`-th of a row is among the `share` out of `of` spread evenly over it.

    Of any n in a row, n * share / of are, to within one: a published share is met without luck.
    """
    return (index + 1 + phase) * share // of > (index + phase) * share // of
