"""The first byte of each page, over HTTP from the pages' own process: at the size of the bar, and at 10,000 events.

The clock runs from the request to the first byte of the answer, on a connection that is open. A page is asked for once
before: figures are kept for whoever asks next, and what the first one waited is told. As-of pages compute anew. What
changed is asked of the last thousand positions: the more events there are between two moments, the longer it takes.
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
from miriam_bench.scale.pages_process import REPORT, Reader, copied, served
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
_LOOKED_UP = {
    "cpas": "select cpas from facts.participation where cpas is not null group by cpas order by count(*) desc limit 1",
    "event": "select event_id from facts.participation order by from_position limit 1",
    "participation": "select participation from facts.participation order by from_position limit 1",
    "person": "select person from facts.participation where person is not null order by from_position limit 1",
    "head": "select max(size) from ledger.checkpoint",
    "before": "select max(size) - 1000 from ledger.checkpoint",
}


@dataclass(frozen=True)
class Timed:
    """What one page took, in milliseconds: the first time, and each time after."""

    first: float
    times: list[float]


def run(bench: Bench) -> Iterator[Row]:
    """A row a page."""
    size = bench.near(WANTED)
    small = bench.ledgers.get(SMALL) or bench.kept.database(SMALL)
    load(small, SMALL, bench.tell)
    ours, theirs = _ledger(bench, bench.ledgers[size]), _ledger(bench, small)
    for endpoint, timed in sorted(ours.items()):
        peer = theirs.get(endpoint)
        p50, p95 = median(timed.times), percentile(timed.times, 95)
        bench.tell(f"{endpoint}: {p50:.0f} ms, 95 of 100 within {p95:.0f} ms, the first {timed.first:.0f} ms")
        yield Row(
            f"page {endpoint}, first byte (p95), {short(size)} leaves", "ms", "lower", Bar(_BAR_MS), [p95],
            peers={f"{short(SMALL)} leaves": [percentile(peer.times, 95)]} if peer else {},
            others={"p50": [p50], "the first to ask": [timed.first]}, limits="what the page computes anew",
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


def _values(access: DatabaseAccess) -> dict[str, str]:
    found = {"edition": EDITION, "report": REPORT, "level": "cpas", "code": "I01", "link": "none"}
    with closing(psycopg2.connect(access.app_url)) as connection, connection, connection.cursor() as cursor:
        for name, query in _LOOKED_UP.items():
            cursor.execute(query)
            rows = cursor.fetchall()
            if rows:
                found[name] = str(rows[0][0])
    return found
