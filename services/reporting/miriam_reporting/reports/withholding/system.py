"""Changes of the counts that no published sum can tell from none: a linear system, asked by linear programmes.

Each answer is a whole other set of tables in whole numbers that agrees with everything shown: a witness. What a witness
shows possible, nobody can rule out, so witnesses prove what is protected, and nothing rests on the solver being right.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

from miriam_reporting.reports.withholding.counts import Count
from miriam_reporting.reports.withholding.tables import Tables, Terms

Vector = np.ndarray[Any, np.dtype[Any]]

# No count is taken to be off by more: an attacker knows the size of a town, and numbers stay tame.
_FARTHEST = 10_000
_NEAR = 1e-6


class System:
    """The counts that hang together, with the relations between them.

    `counts` is their order in vectors; a change is a vector of whole numbers.
    """

    def __init__(self, tables: Tables, counts: Sequence[Count]) -> None:
        self.counts = list(counts)
        self._at = {count: number for number, count in enumerate(self.counts)}
        self.equal = self._rows([terms for terms in tables.equal if self._mine(terms)])
        at_most = [(terms, room) for terms, room in tables.at_most if self._mine(terms)]
        self.at_most = self._rows([terms for terms, _ in at_most])
        self.room = np.array([room for _, room in at_most], dtype=float)
        values = np.array([tables.values[count] for count in self.counts], dtype=float)
        least = np.array([tables.least.get(count, 0) for count in self.counts], dtype=float)
        most = np.array([tables.most.get(count, _FARTHEST) for count in self.counts], dtype=float)
        # Minutes are many: what binds them is their own size.
        self.least = np.minimum(least - values, 0)
        self.most = np.maximum(np.minimum(most - values, _FARTHEST), 0)

    def rows(self, every: Sequence[Terms]) -> csr_array:
        """Terms as rows of a matrix, so that `rows @ change` is by how much each changes."""
        return self._rows(every)

    def holds(self, terms: Terms) -> bool:
        """Whether the counts of these terms are of this system."""
        return all(count in self._at for count in terms)

    def agrees(self, change: Vector) -> bool:
        """Whether a change of whole numbers keeps to every relation and bound."""
        return (
            not (self.equal @ change).any()
            and bool((self.at_most @ change <= self.room).all())
            and bool((self.least <= change).all())
            and bool((change <= self.most).all())
        )

    def cheapest(self, asked: csr_array, least: float, cost: Vector, free: Vector) -> Vector | None:
        """The change along which `asked`, a single row, grows by `least` at least, at the least cost of what changes.

        `free` tells which counts may change. None where there is no such change in whole numbers.
        """
        columns = np.flatnonzero(free)
        size = len(columns)
        both = np.concatenate((cost[columns], cost[columns]))
        equal, rows, room = self._narrowed(columns)
        rows = vstack((rows, -asked[:, columns])).tocsr()
        room = np.concatenate((room, [-least]))
        signed_rows, signed_equal = hstack((rows, -rows)).tocsr(), hstack((equal, -equal)).tocsr()
        most = np.concatenate((self.most[columns], -self.least[columns]))
        done = linprog(
            both,
            A_ub=signed_rows,
            b_ub=room,
            A_eq=signed_equal,
            b_eq=np.zeros(equal.shape[0]),
            bounds=np.column_stack((np.zeros(2 * size), most)),
            method="highs-ds",
        )
        if done.status != 0:
            return None
        found = self._whole(columns, done.x[:size] - done.x[size:])
        if found is None or (asked @ found)[0] < least:
            limits = [LinearConstraint(signed_rows, -np.inf, room)]
            if equal.shape[0]:
                limits.append(LinearConstraint(signed_equal, 0, 0))
            whole = milp(both, constraints=limits, integrality=np.ones(2 * size), bounds=Bounds(0, most))
            if whole.x is None:
                return None
            found = self._whole(columns, whole.x[:size] - whole.x[size:])
        return found

    def farthest(self, asked: csr_array, enough: Vector, cost: Vector, free: Vector, worth: float) -> Vector | None:
        """A change along which as many as can be of `asked` grow, each until it is `enough`; in whole numbers.

        A step of one of them may cost what it is `worth`; `cost` is that of each count that changes by one. Some are
        worth up to twice as much, so that few grow enough rather than many a little.
        """
        columns = np.flatnonzero(free)
        size, many = len(columns), asked.shape[0]
        if not size or not many:
            return None
        equal, rows, room = self._narrowed(columns)
        wanted = asked[:, columns]
        grows = hstack((-wanted, wanted, eye_array(many)))
        most = np.concatenate((self.most[columns], -self.least[columns], enough))
        done = linprog(
            np.concatenate((cost[columns], cost[columns], -worth * np.linspace(2, 1, many))),
            A_ub=vstack((hstack((rows, -rows, csr_array((rows.shape[0], many)))), grows)).tocsr(),
            b_ub=np.concatenate((room, np.zeros(many))),
            A_eq=hstack((equal, -equal, csr_array((equal.shape[0], many)))).tocsr(),
            b_eq=np.zeros(equal.shape[0]),
            bounds=np.column_stack((np.zeros(2 * size + many), most)),
            method="highs-ds",
        )
        return None if done.status != 0 else self._whole(columns, done.x[:size] - done.x[size : 2 * size])

    def _narrowed(self, columns: Vector) -> tuple[csr_array, csr_array, Vector]:
        equal, rows = self.equal[:, columns], self.at_most[:, columns]
        used = np.diff(equal.indptr) > 0
        binding = np.diff(rows.indptr) > 0
        return equal[used], rows[binding], self.room[binding]

    def _whole(self, columns: Vector, change: Vector) -> Vector | None:
        near = np.rint(change)
        if np.abs(change - near).max(initial=0) > _NEAR:
            return None
        found = np.zeros(len(self.counts))
        found[columns] = near
        return found if self.agrees(found) else None

    def _mine(self, terms: Terms) -> bool:
        return all(count in self._at for count in terms)

    def _rows(self, every: Sequence[Mapping[Count, int]]) -> csr_array:
        entries = [(number, self._at[count], times) for number, terms in enumerate(every)
                   for count, times in terms.items()]  # fmt: skip
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(every), len(self.counts))
        return csr_array((np.array(values, dtype=float), (np.array(rows, int), np.array(columns, int))), shape=shape)


def systems(tables: Tables, together: Sequence[Terms] = ()) -> Iterator[System]:
    """The counts of the tables in groups that no relation ties to each other, each a system; `together` ties too."""
    counts = [*tables.values]
    at = {count: number for number, count in enumerate(counts)}
    pairs = [
        (at[first], at[other])
        for terms in (*tables.equal, *(terms for terms, _ in tables.at_most), *together)
        for first in [next(iter(terms))]
        for other in terms
    ]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    links = csr_array((np.ones(len(pairs)), (np.array(rows, int), np.array(columns, int))), shape=(len(counts),) * 2)
    _, groups = connected_components(links, directed=False)
    members: dict[int, list[Count]] = {}
    for count, group in zip(counts, groups, strict=True):
        members.setdefault(int(group), []).append(count)
    for group in members.values():
        yield System(tables, group)
