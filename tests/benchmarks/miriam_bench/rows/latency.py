"""A CPAS's publish to the changed figure, at 200 events a second, through every process of a whole platform.

Ten CPAS publish sessions that were held. A reader asks one figure again and again (I08, of the edition), each time
when the facts have moved on: an event has arrived when an answer that rests on its position is there.
"""

from __future__ import annotations

import bisect
import itertools
import select
import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg2

from miriam_bench.context import Context
from miriam_bench.model import Bar, Row
from miriam_bench.platform import Platform, platform
from miriam_bench.workload import CONTENT_TYPE, EDITION
from miriam_contracts.identity import recorded_id
from miriam_platform import amqp
from miriam_platform.amqp import Link, Unconfirmed
from miriam_reporting.reports import compute
from miriam_simulator.scenarios import scenario

RATE = 200
SECONDS = 20
# Enough of an edition for every level of every figure to have something to count.
WORLD = 0.1
CPAS = 10


@dataclass(slots=True)
class Reader(threading.Thread):
    """Asks the figure whenever the facts have moved; keeps when it knew which position."""

    url: str
    facts: list[tuple[int, float]] = field(default_factory=list)
    figures: list[tuple[int, float]] = field(default_factory=list)
    trouble: BaseException | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        threading.Thread.__init__(self, name="reader", daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            self._read()
        except BaseException as trouble:
            self.trouble = trouble

    def stop(self) -> None:
        """End after the question under way; raise what went wrong."""
        self._stopping.set()
        self.join(20)
        if self.trouble is not None:
            raise self.trouble

    def _read(self) -> None:
        listening, asking = psycopg2.connect(self.url), psycopg2.connect(self.url)
        listening.autocommit = True
        with listening.cursor() as cursor:
            cursor.execute("listen facts")
            while not self._stopping.is_set():
                select.select([listening], [], [], 0.5)
                listening.poll()
                if not listening.notifies:
                    continue
                listening.notifies.clear()
                cursor.execute("select position from facts.checkpoint")
                found: Any = cursor.fetchone()
                self.facts.append((found[0], time.time()))
                position = compute(asking, EDITION, codes=["I08"]).position
                self.figures.append((position, time.time()))
        asking.close()
        listening.close()


def run(context: Context) -> list[Row]:
    """Two rows: the median, and the 99th percentile."""
    seconds = max(SECONDS * context.scale, 5)
    with platform(context.servers.folder) as running:
        context.tell("a platform is up; an edition is played into it")
        running.miriam("simulate", EDITION, "--scale", str(WORLD), "--emit")
        medians, worst, to_facts = [], [], []
        for number in range(context.rounds):
            figure, facts = _once(running, seconds, number)
            medians.append(statistics.median(figure))
            worst.append(statistics.quantiles(figure, n=100)[98])
            to_facts.append(statistics.median(facts))
            context.tell(f"p50 {medians[-1]:.0f} ms, p99 {worst[-1]:.0f} ms; to the facts p50 {to_facts[-1]:.0f} ms")
    name, limits = "publish to figure", "five processes and two servers on two cores, beside the asking of the figure"
    return [
        Row(f"{name}, p50", "ms", "lower", Bar(150), medians, others={"to the facts": to_facts}, limits=limits,
            notes=f"{RATE} events/s for {seconds:g} s; the figure is computed anew at each look, nothing is cached"),
        Row(f"{name}, p99", "ms", "lower", Bar(750), worst, limits=limits),
    ]  # fmt: skip


def _once(running: Platform, seconds: float, number: int) -> tuple[list[float], list[float]]:
    url = running.deployment.database("reporting").app_url
    reader = Reader(url)
    reader.start()
    time.sleep(1)
    published = _publish(running, seconds, number)
    positions = _positions(url, list(published))
    _await(lambda: bool(reader.figures) and reader.figures[-1][0] >= max(positions.values()), reader)
    reader.stop()
    return tuple(
        [1000 * (_known(looks, positions[event]) - sent) for event, sent in published.items()]
        for looks in (reader.figures, reader.facts)
    )  # type: ignore[return-value]


def _publish(running: Platform, seconds: float, number: int) -> dict[str, float]:
    """Publish at RATE; when each event was handed to the socket, by its recorded id."""
    places: dict[str, list[dict[str, Any]]] = {}
    for diary in scenario(EDITION, scale=WORLD).diaries():
        held = [item.event for item in diary.items if item.type == "session.held" and item.expect == "recorded"]
        if diary.kind == "cpas" and held:
            places[diary.id] = held
    chosen = list(itertools.islice(places, CPAS))
    links = {name: Link(running.amqp_url(name), "bench").open() for name in chosen}
    outs = {name: Unconfirmed(link) for name, link in links.items()}
    properties = {name: amqp.persistent(link.user, CONTENT_TYPE) for name, link in links.items()}
    published: dict[str, float] = {}
    began = time.time()
    for count in range(int(RATE * seconds)):
        name = chosen[count % len(chosen)]
        event = places[name][count // len(chosen) % len(places[name])]
        new = {**event, "id": f"bench-{number}-{count}"}
        new["data"] = {**event["data"], "session": f"{name}:bench-{number}-{count}"}
        new["data"].pop("personal", None)
        while (due := began + count / RATE - time.time()) > 0:
            time.sleep(min(due, 0.002))
        outs[name].publish("cpas.inbox", f"{name}.session.held", orjson.dumps(new), str(count), properties[name], True)
        published[recorded_id("sessions", f"/cpas/{name}", new["id"])] = time.time()
        links[name].turn(0)
    for name, link in links.items():
        link.until(lambda out=outs[name]: not len(out), 30)  # type: ignore[misc]
        link.close()
    return published


def _positions(url: str, events: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}

    def complete() -> bool:
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            query = "select event_id::text, position from ledger.leaf where event_id = any (%s::uuid[])"
            cursor.execute(query, (events,))
            found.update(cursor.fetchall())
        return len(found) == len(events)

    _await(complete)
    return found


def _await(reached: Any, reader: Reader | None = None) -> None:
    end = time.monotonic() + 60
    while not reached():
        if time.monotonic() > end or (reader is not None and reader.trouble is not None):
            raise RuntimeError("waited in vain for the figures") from (reader.trouble if reader else None)
        time.sleep(0.2)


def _known(looks: list[tuple[int, float]], position: int) -> float:
    """When a look first knew the position."""
    return looks[bisect.bisect_left(looks, position, key=lambda look: look[0])][1]
