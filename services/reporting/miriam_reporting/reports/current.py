"""Reports as text, quickly: figures at the head are kept while they hold, all others computed by two sessions.

The same text as `compute(...).as_json()` gives, which is a test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.reports import kept
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.halves import tallied
from miriam_reporting.reports.kept import Key
from miriam_reporting.reports.model import LEVELS, Answered, Figure, Overlap, Report
from miriam_reporting.reports.retired import refuse_retired
from miriam_reporting.reports.snapshot import opened
from miriam_reporting.reports.tallies import Tallies, Tally
from miriam_reporting.reports.writing import Written, written

# Depends on the head of the ledger itself, not on facts: counted anew each time.
_OF_THE_HEAD = "D08"
_BEGIN, _BY = '{"code":', '"by":'
_FIGURES, _OVERLAPS = b'"figures":[]', b'"overlaps":[]'


@dataclass(frozen=True, slots=True)
class QuickReport:
    """A report whose figures are text already; `as_report` reads it for those who need them apart."""

    edition: str
    position: int
    written: Sequence[Written]
    answered: Answered | None = None
    definitions: str = "current"

    @property
    def characters(self) -> int:
        """How long its text is."""
        return sum(len(each.figures) + len(each.overlaps) for each in self.written)

    def as_report(self) -> Report:
        """The report with its figures apart, read from their text."""
        figures = [_figure(each) for each in self._read("figures")]
        overlaps = [_overlap(each) for each in self._read("overlaps")]
        return Report(self.edition, self.position, figures, overlaps, self.answered, self.definitions)

    def narrowed(self, levels: Sequence[str], codes: Sequence[str] | None) -> "QuickReport":
        """The report as it is asked for at these levels, of these indicators (None: all)."""
        kept = [each for each in self.written if each.level in levels and (codes is None or each.code in codes)]
        return replace(self, written=kept)

    def only(self, wanted: Callable[[str, Mapping[str, str]], bool]) -> "QuickReport":
        """The report with those figures alone of which `wanted(code, by)` is true, and without its overlaps.

        Of the others no more than their `by` is read: a large edition has hundreds of thousands, and a page shows few.
        """
        kept = [Written(each.code, each.level, _only(each, wanted), "") for each in self.written]
        return replace(self, written=kept)

    def as_json(self) -> dict[str, Any]:
        """As `Report.as_json`."""
        return {**self._frame(), "figures": self._read("figures"), "overlaps": self._read("overlaps")}

    def as_bytes(self) -> bytes:
        """What `as_json` gives, as text: without reading what is text already."""
        frame = orjson.dumps(self._frame())
        for mark, name in ((_FIGURES, "figures"), (_OVERLAPS, "overlaps")):
            head, _, tail = frame.rpartition(mark)
            frame = b"".join((head, mark[:-1], self._joined(name).encode(), b"]", tail))
        return frame

    def _frame(self) -> dict[str, Any]:
        return Report(self.edition, self.position, (), (), self.answered, self.definitions).as_json()

    def _joined(self, name: str) -> str:
        return ",".join(text for each in self.written if (text := getattr(each, name)))

    def _read(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = orjson.loads(f"[{self._joined(name)}]")
        return found


def report(
    connection: Connection,
    edition: str,
    as_of: int | None = None,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    definitions: Definitions | None = None,
    *,
    may_be_kept: bool = False,
) -> QuickReport:
    """The report that `compute` gives. Asked for no position, nor for definitions of another day, it may be made of
    figures that were kept; with `may_be_kept` also for a position after which nothing that matters to the edition came.

    Needs a connection outside a transaction, and leaves it so. Raises UnknownEdition, PositionBeyondHead.
    """
    by = current() if definitions is None else definitions
    asked = [each for each in by.indicators.values() if codes is None or each.code in codes]
    wanted = [level for level in LEVELS if level in levels]
    is_head = as_of is None or (may_be_kept and kept.is_last_known(connection, edition, as_of))
    if not is_head or by.digest != current().digest:
        position, found = _computed(connection, edition, as_of, by, asked, wanted)
        return _of(edition, position, by, asked, wanted, found)
    position, found = _kept(connection, edition, as_of, by, asked, wanted)
    if _missing(asked, wanted, found):
        with kept.alone(connection, edition):
            position, found = _kept(connection, edition, as_of, by, asked, wanted)
            if lacking := _missing(asked, wanted, found):
                facts = kept.generation(connection)
                position, found = _computed(connection, edition, as_of, by, asked, wanted)
                if kept.generation(connection) == facts:
                    new = [w for key, w in found.items() if key in lacking and w.code != _OF_THE_HEAD]
                    kept.keep(connection, edition, by.digest, facts, position, new)
    return _of(edition, position, by, asked, wanted, found)


def _kept(
    connection: Connection,
    edition: str,
    as_of: int | None,
    by: Definitions,
    asked: Sequence[Indicator],
    levels: Sequence[str],
) -> tuple[int, dict[Key, Written]]:
    codes = [each.code for each in asked if each.code != _OF_THE_HEAD]
    with opened(connection, as_of) as position:
        refuse_retired(connection, edition)
        found = dict(kept.find(connection, edition, by.digest, codes, levels, position))
        if found:
            found |= _of_the_head(connection, position, asked, levels)
    return position, found


def _missing(asked: Sequence[Indicator], levels: Sequence[str], found: Mapping[Key, Written]) -> set[Key]:
    return {(each.code, level) for each in asked for level in levels}.difference(found)


def _computed(
    connection: Connection,
    edition: str,
    as_of: int | None,
    by: Definitions,
    asked: Sequence[Indicator],
    levels: Sequence[str],
) -> tuple[int, dict[Key, Written]]:
    # The total tells which parts the data hold, so it is always tallied.
    tallied_levels = tuple(dict.fromkeys(("total", *levels)))

    def finish(indicator: Indicator, tallies: Sequence[Tallies]) -> list[Written]:
        return list(written(indicator, tallies, levels))

    position, found = tallied(connection, edition, as_of, by, asked, tallied_levels, finish)
    return position, {(w.code, w.level): w for pieces in found.values() for w in pieces}


def _of_the_head(
    connection: Connection, position: int, asked: Sequence[Indicator], levels: Sequence[str]
) -> dict[Key, Written]:
    """Numbers that are missing among leaves 1..position, by source: without laying out an edition's facts."""
    found: dict[Key, Written] = {}
    for each in asked:
        if each.code == _OF_THE_HEAD:
            with connection.cursor() as cursor:
                cursor.execute("select source, highest - leaves from ledger.sources_at(%s)", (position,))
                sources = {str(name): Tally(numerators=1, units=1, amount=int(gaps)) for name, gaps in cursor}
            tallies: Tallies = {("total", ""): sources} if sources else {}
            found = {(w.code, w.level): w for w in written(each, [tallies] * len(each.sections), levels)}
    return found


def _of(
    edition: str,
    position: int,
    by: Definitions,
    asked: Sequence[Indicator],
    levels: Sequence[str],
    found: Mapping[Key, Written],
) -> QuickReport:
    return QuickReport(
        edition, position, [found[each.code, level] for each in asked for level in levels], definitions=by.name
    )


def _only(written: Written, wanted: Callable[[str, Mapping[str, str]], bool]) -> str:
    # Each figure begins with its code and its `by`, which holds no object in itself (`writing`).
    if not written.figures:
        return ""
    pieces = (_BEGIN + piece for piece in written.figures.removeprefix(_BEGIN).split(f",{_BEGIN}"))
    return ",".join(piece for piece in pieces if wanted(written.code, _by(piece)))


def _by(piece: str) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(piece[piece.index(_BY) + len(_BY) : piece.index("}") + 1])
    return found


def _figure(told: Mapping[str, Any]) -> Figure:
    excluded = [(each["reason"], each["count"]) for each in told["excluded"]]
    names = ("code", "by", "numerator", "denominator", "value", "unit")
    return Figure(**{name: told[name] for name in names}, excluded=excluded, detail=told.get("detail"))


def _overlap(told: Mapping[str, Any]) -> Overlap:
    part = next((f"{key}={value}" for key, value in told["by"].items()), "")
    names = ("code", "level", "by", "numerator", "denominator")
    return Overlap(**{name: told[name] for name in names}, part=part)
