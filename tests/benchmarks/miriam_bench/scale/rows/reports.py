"""The report of an edition of about a million events in the largest ledger, and of one of the programme's own size.

The clock runs from the question to the text of the answer. `current` is kept from the answer before, as it is for
whoever asks while nothing has changed that the figures depend on; what the first one waits is told beside it. `cold`:
the server was started anew, and the system had forgotten its files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_bench.model import Bar, Row
from miriam_bench.scale.bench import REAL, Bench, short
from miriam_bench.scale.kept import ask
from miriam_bench.workload import EDITION
from miriam_local.databases import DatabaseAccess
from miriam_reporting.reports.as_of import answered
from miriam_reporting.reports.current import report
from miriam_reporting.reports.model import LEVELS

ABOVE = ("total", "region")
_LIMITS = "facts of the edition laid out in temporary tables, then a query an indicator, by two sessions on two cores"


def run(bench: Bench) -> Iterator[Row]:
    """The rows."""
    size = bench.largest
    access = bench.ledgers[size]
    name = f"report, {short(size)} leaves"
    first, last = _span(access)
    for levels, told, bar in ((ABOVE, "totals and regions", 0.05), (LEVELS, "every level", 0.2)):
        with _session(access) as connection:
            _forget(access)
            computed = _timed(connection, None, levels)
            values = [_timed(connection, None, levels) for _ in range(bench.rounds)]
        bench.tell(f"current, {told}: {values[-1] * 1000:.0f} ms, computed {computed:.2f} s")
        note = f"edition of {last - first:,} positions; kept figures; the first to ask waited {computed:.2f} s"
        yield Row(f"{name}, current, {told}", "s", "lower", Bar(bar), values, notes=note)
    places = (first + (last - first) // 2, last, size)
    for levels, told in ((ABOVE, "totals and regions"), (LEVELS, "every level")):
        with _session(access) as connection:
            _timed(connection, last, levels)
            by_place = {place: [_timed(connection, place, levels) for _ in range(bench.rounds)] for place in places}
        bench.tell(f"as-of, {told}: " + ", ".join(f"{place:,} {min(v):.2f} s" for place, v in by_place.items()))
        slowest = max(by_place.values(), key=lambda values: sorted(values)[len(values) // 2])
        others = {f"as of {place:,}": values for place, values in by_place.items()}
        yield Row(
            f"{name}, as-of, {told}, warm", "s", "lower", Bar(2.0), slowest, others=others, limits=_LIMITS,
            notes="the slowest of three positions: amid the edition, at its end, at the head",
        )  # fmt: skip
    cold = {told: [_cold(bench, access, last, levels)] for levels, told in ((ABOVE, "above"), (LEVELS, "every"))}
    for told, values in cold.items():
        bench.tell(f"as-of, cold, {told}: {values[0]:.2f} s")
        words = "totals and regions" if told == "above" else "every level"
        yield Row(f"{name}, as-of, {words}, cold", "s", "lower", Bar(4.0), values, limits=_LIMITS)
    if REAL in bench.ledgers:
        with _session(bench.ledgers[REAL]) as connection:
            _timed(connection, REAL * 2 // 3, LEVELS)
            values = [_timed(connection, REAL * 2 // 3, LEVELS) for _ in range(bench.rounds * 2)]
        bench.tell(f"real size, as-of: {min(values):.2f} s")
        yield Row("report of a real-size edition, as-of, every level", "s", "lower", Bar(0.5), values, limits=_LIMITS)


@contextmanager
def _session(access: DatabaseAccess) -> Iterator[Connection]:
    with closing(psycopg2.connect(access.app_url)) as connection:
        yield connection


def _timed(connection: Connection, as_of: int | None, levels: Sequence[str]) -> float:
    began = time.perf_counter()
    text = answered(connection, report(connection, EDITION, as_of, levels)).as_bytes()
    spent = time.perf_counter() - began
    assert text.startswith(b'{"edition"')
    return spent


def _cold(bench: Bench, access: DatabaseAccess, as_of: int, levels: Sequence[str]) -> float:
    bench.kept.forget_pages()
    with _session(access) as connection:
        return _timed(connection, as_of, levels)


def _span(access: DatabaseAccess) -> tuple[int, int]:
    """The first and last position at which something was said of the measured edition."""
    named = f"from facts.mention as m join facts.project as p using (project) where p.edition = '{EDITION}'"
    first = ask(access.owner_url, f"select min(from_position) from facts.project where edition = '{EDITION}'")
    last = ask(
        access.owner_url,
        f"select max(from_position) from facts.session where project in (select distinct m.project {named})",
    )
    return first, last


def _forget(access: DatabaseAccess) -> None:
    with closing(psycopg2.connect(access.owner_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("delete from kept.figures")
