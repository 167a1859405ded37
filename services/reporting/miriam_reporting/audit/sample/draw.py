"""Drawing a sample by permanent random numbers: pure arithmetic and SHA-256, the same on any machine.

The number of a unit is SHA-256 over four lines of UTF-8 (the scheme, the seed, the kind, the unit; no newline at the
end): it depends on seed and unit alone, not on what else stands, nor on the position. In each CPAS the units with the
smallest numbers are drawn.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SCHEME = "miriam-sample-v1"
EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One CPAS: how many units it has, how many of them are drawn. `cpas` is '' where all are drawn from together."""

    cpas: str
    population: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """One unit that was drawn: `rank`, from 1, in its stratum; `number`, its permanent random number, in hex."""

    stratum: str
    rank: int
    unit: str
    number: str


def number(seed: str, kind: str, unit: str) -> str:
    """The permanent random number of a unit: 64 hex digits, compared as text."""
    return hashlib.sha256(f"{SCHEME}\n{seed}\n{kind}\n{unit}".encode()).hexdigest()


def allocate(populations: Mapping[str, int], size: int) -> dict[str, int]:
    """How many to draw from each stratum, `size` in all, or all there are. Strata are not empty.

    Each stratum gets one; the rest is shared in proportion to the units left in each, by largest remainder (ties: the
    stratum whose name comes first). Raises ValueError where there are more strata than `size`.
    """
    if size < len(populations):
        raise ValueError("fewer units to draw than strata")
    left = {name: count - 1 for name, count in populations.items()}
    pool, more = sum(left.values()), min(size, sum(populations.values())) - len(populations)
    shares = {name: divmod(more * count, pool) if pool else (0, 0) for name, count in left.items()}
    given = {name: whole for name, (whole, _) in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (-shares[name][1], name))
    for name in by_remainder[: more - sum(given.values())]:
        given[name] += 1
    return {name: 1 + given[name] for name in populations}


def draw(units: Iterable[tuple[str, str]], kind: str, size: int, seed: str) -> tuple[list[Stratum], list[Drawn]]:
    """Draw `size` of the units, given as (cpas, unit); the strata, and what was drawn by stratum and rank.

    Stratified by CPAS, at least one of each; where there are more CPAS than `size`, from all of them together: to leave
    out the small ones would give their women no chance at all. Raises ValueError for a size below 1, or for a seed that
    is empty or has more than one line.
    """
    if size < 1:
        raise ValueError("a sample has at least one unit")
    if not seed or len(seed.splitlines()) != 1 or seed != seed.strip():
        raise ValueError("a seed is one line of text, without spaces at its ends")
    by_cpas: defaultdict[str, list[str]] = defaultdict(list)
    for cpas, unit in units:
        by_cpas[cpas].append(unit)
    if len(by_cpas) > size:
        by_cpas = defaultdict(list, {EVERYWHERE: [unit for members in by_cpas.values() for unit in members]})
    sizes = allocate({cpas: len(members) for cpas, members in by_cpas.items()}, size)
    strata, found = [], []
    for cpas in sorted(by_cpas):
        ranked = sorted((number(seed, kind, unit), unit) for unit in by_cpas[cpas])[: sizes[cpas]]
        strata.append(Stratum(cpas, len(by_cpas[cpas]), len(ranked)))
        found += [Drawn(cpas, rank, unit, drawn) for rank, (drawn, unit) in enumerate(ranked, 1)]
    return strata, found
