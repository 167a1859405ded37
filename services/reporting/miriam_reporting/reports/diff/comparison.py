"""The figures that changed, unit by unit: evidence of both sides, and what each unit adds to the difference.

The evidence of the queries concerned is kept in temporary tables, a side at a time; the units whose rows differ leave
the database, some thousands at a time. Where the sides have other definitions of an indicator, the way from one to the
other has two steps: the same leaves by the new definition, then the later leaves. Each adds up, so both together do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby
from typing import Protocol

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Query, Section
from miriam_reporting.indicators.standing import needed
from miriam_reporting.reports.definitions import Definitions
from miriam_reporting.reports.diff import rows as evidence
from miriam_reporting.reports.diff.attribution import Attribution, Pending
from miriam_reporting.reports.diff.causes import Fates
from miriam_reporting.reports.diff.events import Between, Span
from miriam_reporting.reports.diff.kinship import Kinship
from miriam_reporting.reports.diff.model import Change, Changed, State
from miriam_reporting.reports.diff.parts import Parts
from miriam_reporting.reports.diff.rows import Rows
from miriam_reporting.reports.diff.states import of_part, state
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.snapshot import lay_out, snapshot
from miriam_reporting.reports.tallies import Place, evidence_query

Pair = tuple[Figure, Figure]
# What is kept of the evidence: the earlier leaves by the earlier side's definitions, the earlier leaves by the later
# side's, the later leaves by the later side's.
_OLD, _MIDDLE, _NEW = range(3)
Step = tuple[int, int]


class Evidence(Protocol):
    """Rows of the queries on both sides of a step."""

    def differing(self, step: Step, queries: tuple[Query | None, Query | None]) -> Iterator[Mapping[str, Rows]]:
        """By unit, all rows of the units whose rows are not the same, in turns, by the units' names."""
        ...


def compare(
    connection: Connection,
    edition: str,
    positions: tuple[int, int],
    definitions: tuple[Definitions, Definitions],
    pairs: Sequence[Pair],
    most: int | None = None,
) -> list[Changed]:
    """Each pair of figures (earlier, later) with its changed units, of which `most` are listed. Raises DoesNotAddUp."""
    earlier, later = positions
    old, new = definitions
    codes = dict.fromkeys(other.code for _, other in pairs)
    redefined = {code for code in codes if not _same(old, new, code)}
    views = {_NEW: (later, new, codes), _MIDDLE: (earlier, new, codes), _OLD: (earlier, old, redefined)}
    queries = {view: queries_of(by, pairs, wanted) for view, (_, by, wanted) in views.items()}
    texts = {view: [evidence_query(query) for query in asked] for view, asked in queries.items()}
    with snapshot(connection, edition, later, texts[_NEW], new.standing):
        span = Span(edition, earlier, later, late_after_days(connection))
        kept = _Kept(connection)
        kept.keep(_NEW, later, queries[_NEW])
        for view in (_MIDDLE, _OLD):
            if queries[view]:
                lay_out(connection, edition, earlier, needed(texts[view], views[view][1].standing))
                kept.keep(view, earlier, queries[view])
        return Comparison(connection, span, definitions, kept, most, redefined).of(pairs)


def section_of(definitions: Definitions, code: str, part: str) -> Section | None:
    """The section that yields a part; None where these definitions have no such part."""
    try:
        return definitions.indicators[code].section_of(part)
    except KeyError:
        return None


class _Kept:
    """Evidence that is kept in temporary tables of one session."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables: dict[tuple[int, Query], str] = {}
        self._numbers = count(1)

    def keep(self, view: int, position: int, queries: Iterable[Query]) -> None:
        """Keep the evidence of these queries, as it is laid out now."""
        for query in queries:
            self._tables[view, query] = name = f"diff_{next(self._numbers)}"
            evidence.keep(self._connection, query, position, name)

    def differing(self, step: Step, queries: tuple[Query | None, Query | None]) -> Iterator[Mapping[str, Rows]]:
        """As `Evidence` promises."""
        before, after = (
            self._tables[view, query] if query else evidence.nothing(self._connection)
            for view, query in zip(step, queries, strict=True)
        )
        return evidence.differing(self._connection, before, after)


class Comparison:
    """Takes changed figures apart, in the snapshot that has the evidence. `redefined` are codes of two definitions."""

    def __init__(
        self,
        connection: Connection,
        span: Span,
        definitions: tuple[Definitions, Definitions],
        evidence: Evidence,
        most: int | None,
        redefined: Iterable[str] = (),
    ) -> None:
        self._evidence = evidence
        self._most = most
        self._between = Between(connection, span)
        self._definitions = {_OLD: definitions[0], _MIDDLE: definitions[1], _NEW: definitions[1]}
        self._redefined = frozenset(redefined)
        self._kinship = Kinship(connection, span.edition, span.upto)
        self.fates = Fates(connection, span)

    def of(self, pairs: Sequence[Pair]) -> list[Changed]:
        """Each pair with its changed units, in order. Raises DoesNotAddUp."""
        by_code = groupby(pairs, key=lambda pair: pair[1].code)
        return [changed for code, group in by_code for changed in self._of_code(code, list(group))]

    def _of_code(self, code: str, pairs: Sequence[Pair]) -> Iterator[Changed]:
        steps = [(_OLD, _MIDDLE), (_MIDDLE, _NEW)] if code in self._redefined else [(_MIDDLE, _NEW)]
        parts = [Parts(*pair, self._most) for pair in pairs]
        for step in steps:
            before, after = (self._definitions[view] for view in step)
            sections = [(section_of(before, code, f.part), section_of(after, code, f.part)) for _, f in pairs]
            by_query: defaultdict[tuple[Query | None, Query | None], list[int]] = defaultdict(list)
            for number, (one, other) in enumerate(sections):
                by_query[_query(one), _query(other)].append(number)
            for queries, numbers in by_query.items():
                for rows in self._evidence.differing(step, queries):
                    placed = _Placed(rows)
                    pending = {n: list(_pending(sections[n], placed, pairs[n][1])) for n in numbers}
                    changed = [each for n in numbers for each in pending[n]]
                    told = self._told(step, queries[1], changed, listed=any(parts[n].has_room for n in numbers))
                    for n in numbers:
                        parts[n].add(map(told, pending[n]))
        yield from (each.whole() for each in parts)

    def _told(
        self, step: Step, query: Query | None, pending: Sequence[Pending], *, listed: bool
    ) -> Callable[[Pending], Change]:
        """What gives each changed unit its cause."""
        if step == (_OLD, _MIDDLE) or query is None:
            return lambda each: Change(each.unit, "new_definition", each.before, each.after)
        by = self._definitions[_NEW].standing
        return Attribution(self._between, self._kinship, self.fates, query, by, pending, listed=listed).of


class _Placed:
    """Rows by the places where they stand; laid out by level when first asked for."""

    def __init__(self, rows: Mapping[str, Rows]) -> None:
        self._rows = rows
        self._levels: dict[str, dict[str, dict[str, Rows]]] = {"total": {"": dict(rows)}}
        self._categories: dict[Place, dict[str, dict[str, Rows]]] = {}

    def at(self, place: Place) -> Mapping[str, Rows]:
        """By unit, the rows that stand at a level's value."""
        level, value = place
        if level not in self._levels:
            found: defaultdict[str, defaultdict[str, Rows]] = defaultdict(lambda: defaultdict(Rows))
            for unit, rows in self._rows.items():
                for side in ("before", "after"):
                    for row in getattr(rows, side):
                        getattr(found[getattr(row, level)][unit], side).append(row)
            self._levels[level] = {each: dict(units) for each, units in found.items()}
        return self._levels[level].get(value, {})

    def of_category(self, place: Place, category: str) -> Mapping[str, Rows]:
        """By unit, the rows of a category that stand at a level's value: units that have none of it are not there."""
        if place not in self._categories:
            found: defaultdict[str, defaultdict[str, Rows]] = defaultdict(lambda: defaultdict(Rows))
            for unit, rows in self.at(place).items():
                for row in rows.before:
                    found[row.category][unit].before.append(row)
                for row in rows.after:
                    found[row.category][unit].after.append(row)
            self._categories[place] = {each: dict(units) for each, units in found.items()}
        return self._categories[place].get(category, {})


def _pending(sections: tuple[Section | None, Section | None], placed: _Placed, changed: Figure) -> Iterator[Pending]:
    category = changed.part.partition("=")[2]
    place = changed.level, changed.by.get(changed.level, "")
    # Of a part with rows of its own, units without any are the same on both sides: there are many of them.
    own = all(section is None or section.membership == "own" for section in sections)
    anywhere = placed.at(("total", ""))
    old, new = sections
    for unit, rows in (placed.of_category(place, category) if own else placed.at(place)).items():
        before = of_part(old, category, rows.before) if old else []
        after = of_part(new, category, rows.after) if new else []
        one, other = (state(old, before) if old else State()), (state(new, after) if new else State())
        if one != other:
            yield Pending(unit, one, other, Rows(before, after), anywhere[unit])


def _query(section: Section | None) -> Query | None:
    return section.query if section else None


def queries_of(definitions: Definitions, pairs: Sequence[Pair], codes: Iterable[str]) -> list[Query]:
    """The queries that yield the figures of these codes among the pairs."""
    wanted = set(codes)
    sections = (section_of(definitions, other.code, other.part) for _, other in pairs if other.code in wanted)
    return list(dict.fromkeys(section.query for section in sections if section))


def _same(old: Definitions, new: Definitions, code: str) -> bool:
    if old is new:
        return True
    return code in old.indicators and code in new.indicators and old.digest_of(code) == new.digest_of(code)


def late_after_days(connection: Connection) -> int:
    """After how many days a fact of the edition is late, as it is laid out now."""
    with connection.cursor() as cursor:
        cursor.execute("select late_after_days from edition_at")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])
