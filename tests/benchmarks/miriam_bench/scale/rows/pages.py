"""The first byte of each page, over HTTP from the pages' own process, with a million events in the ledger.

The bar is of a ledger of thirteen editions of the programme's own size, the fifth of which is looked at. Beside it is
a ledger of 10,000 events, and one that is a single edition of a million: thirteen times what the programme has.

The clock runs from the request to the first byte of the answer, on a connection that is open. A page is asked for once
before: figures are kept for whoever asks next, and editions stay laid out; what the first one waited is told. What
changed is asked of the last thousand positions that concern the edition: the more events lie between two moments, the
longer it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from statistics import median

import psycopg2

from miriam_bench.model import Bar, Row
from miriam_bench.scale.bench import Bench, percentile, short
from miriam_bench.scale.loading import load
from miriam_bench.scale.pages_process import REPORT, Reader, copied, served, span
from miriam_bench.workload import EDITION
from miriam_local.databases import DatabaseAccess
from miriam_reporting.web.parts import PARTS
from miriam_reporting.web.roles import Role

SMALL, WANTED = 10_000, 1_000_000
_TIMES, _PATIENCE_MS = 20, 10_000
_BAR_MS = 200.0
# Who asks, where several may: the one that sees most.
_ASKING = (Role.AUDITOR, Role.AUTHORITY, Role.DPO, Role.CPAS, Role.OPERATOR, Role.PUBLIC)
_QUERIES = {
    "diff.diff": "?from={before}&to={head}",
    "diff.units": "?from={before}&to={head}&code=I08",
}
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
_FIRST = "from facts.participation where from_position > %(opened)s order by from_position limit 1"
_LOOKED_UP = {
    "cpas": "select cpas from facts.participation where cpas is not null group by cpas order by count(*) desc limit 1",
    "event": f"select event_id {_FIRST}",
    "participation": f"select participation {_FIRST}",
    "person": f"select person {_FIRST}",
}
# Of which pages it is measured too what they answer of a position in the middle of the edition.
_AS_OF = ("report.report", "outcomes.by", "evidence.figure", "quality.quality")


@dataclass(frozen=True)
class Timed:
    """What one page took, in milliseconds: the first time, and each time after."""

    first: float
    times: list[float]


def run(bench: Bench) -> Iterator[Row]:
    """A row a page."""
    small, real = bench.kept.database(SMALL), bench.kept.database(WANTED, real=True)
    load(small, SMALL, bench.tell)
    load(real, WANTED, bench.tell, real=True)
    ours = _ledger(bench, real)
    beside = {f"{short(SMALL)} leaves": _ledger(bench, small)}
    if WANTED in bench.ledgers:
        beside[f"one edition of {short(WANTED)}"] = _ledger(bench, bench.ledgers[WANTED])
    for endpoint, timed in sorted(ours.items()):
        p50, p95 = median(timed.times), percentile(timed.times, 95)
        bench.tell(f"{endpoint}: {p50:.0f} ms, 95 of 100 within {p95:.0f} ms, the first {timed.first:.0f} ms")
        peers = {name: [percentile(there[endpoint].times, 95)] for name, there in beside.items() if endpoint in there}
        yield Row(
            f"page {endpoint}, first byte (p95), {short(WANTED)} leaves", "ms", "lower", Bar(_BAR_MS), [p95],
            peers=peers, others={"p50": [p50], "the first to ask": [timed.first]}, limits="what is computed anew",
        )  # fmt: skip


def _ledger(bench: Bench, access: DatabaseAccess) -> Mapping[str, Timed]:
    """Each page of one ledger, by its endpoint. What has nothing to show there (404) is left out, and told."""
    found: dict[str, Timed] = {}
    with copied(bench.kept, access) as copy:
        bench.tell(f"publishing the report of {EDITION} in {copy.name}")
        with served(copy) as pages:
            values = _values(copy)
            readers = {role: pages.reader(role.value, values["cpas"]) for role in _ASKING}
            for endpoint, address, role in _addresses(values):
                status, first = readers[role].get(address)
                bench.tell(f"{address}: {first:,.0f} ms")
                if status == 200:
                    found[endpoint] = Timed(first, _times(readers[role], address))
                else:
                    bench.tell(f"{address} as {role}: {status}, not measured")
    return found


def _times(reader: Reader, address: str) -> list[float]:
    """Twenty times, or as many as go into ten seconds; twice at least."""
    times: list[float] = []
    while len(times) < 2 or (len(times) < _TIMES and sum(times) < _PATIENCE_MS):
        times.append(reader.get(address)[1])
    return times


def _addresses(values: Mapping[str, str]) -> Iterator[tuple[str, str, Role]]:
    for part in PARTS:
        for route in part.routes:
            if not route.shows or any(name not in values for name in _ARGUMENT.findall(route.rule)):
                continue
            role = next(each for each in _ASKING if each in route.roles)
            address = _ARGUMENT.sub(lambda name: values[name[1]], route.rule)
            yield route.endpoint, address + _QUERIES.get(route.endpoint, "").format(**values), role
            if route.endpoint in _AS_OF:
                yield f"{route.endpoint} as of the middle", f"{address}?as_of={values['middle']}", role


def _values(access: DatabaseAccess) -> dict[str, str]:
    opened, last = span(access)
    found = {"edition": EDITION, "report": REPORT, "level": "cpas", "code": "I01", "link": "none"}
    found |= {"head": str(last), "before": str(last - 1000), "middle": str((opened + last) // 2)}
    with closing(psycopg2.connect(access.app_url)) as connection, connection, connection.cursor() as cursor:
        for name, query in _LOOKED_UP.items():
            cursor.execute(query, {"opened": opened})
            rows = cursor.fetchall()
            if rows:
                found[name] = str(rows[0][0])
    return found
