"""What the door refused is counted once, in tallies that follow each other without a hole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest

from miriam_local.databases import DatabaseAccess
from miriam_platform.database import Database
from miriam_platform.recorder import Recorder
from miriam_platform.tally import tally

Rows = Callable[..., list[tuple[Any, ...]]]
MONDAY = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def database(access: DatabaseAccess) -> Iterator[Database]:
    opened = Database(access.app_url, "test-tally")
    yield opened
    opened.close()


def tallies(rows: Rows) -> list[dict[str, Any]]:
    found = rows("select body from event_store.event where stream = 'door/sessions' order by sequence")
    return [orjson.loads(body)["data"] for (body,) in found]


def test_a_tally_counts_each_refusal_once_by_emitter_and_first_rule(
    recorder: Recorder, sender: Any, database: Database, rows: Rows
) -> None:
    recorder.record([sender.goal_reached("p-1"), sender.goal_reached("p-2"), sender.deliver(b"{")])
    assert tally(database, "sessions", MONDAY) == 3
    [told] = tallies(rows)
    counts = {entry["rule"]: entry["count"] for entry in told["counts"]}
    assert (told["first"], told["last"], told["occurred_on"]) == (1, 3, "2026-03-02")
    assert counts["not_json"] == 1
    assert sum(counts.values()) == 3
    assert {entry["emitter"] for entry in told["counts"]} == {"anderlecht"}


def test_tallies_follow_each_other_without_a_hole(
    recorder: Recorder, sender: Any, database: Database, rows: Rows
) -> None:
    recorder.record([sender.deliver(b"{")])
    tally(database, "sessions", MONDAY)
    assert tally(database, "sessions", MONDAY) == 0, "nothing new: no event"
    recorder.record([sender.deliver(b"[]"), sender.deliver(b"null")])
    tally(database, "sessions", MONDAY)
    assert [(t["first"], t["last"]) for t in tallies(rows)] == [(1, 1), (2, 3)]


def test_a_timer_tallies_once_a_day(recorder: Recorder, sender: Any, database: Database, rows: Rows) -> None:
    recorder.record([sender.deliver(b"{")])
    tally(database, "sessions", MONDAY, before_today=True)
    recorder.record([sender.deliver(b"[]")])
    assert tally(database, "sessions", MONDAY + dt.timedelta(hours=3), before_today=True) == 0
    assert tally(database, "sessions", MONDAY + dt.timedelta(days=1), before_today=True) == 1
    assert len(tallies(rows)) == 2


def test_two_processes_that_tally_at_once_count_nothing_twice(
    recorder: Recorder, sender: Any, access: DatabaseAccess, rows: Rows
) -> None:
    recorder.record([sender.deliver(f"[{number}]".encode()) for number in range(40)])
    databases = [Database(access.app_url, f"test-tally-{n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda database: tally(database, "sessions", MONDAY), databases))
    for database in databases:
        database.close()
    assert sum(counted) == 40
    assert [(t["first"], t["last"]) for t in tallies(rows)] == [(1, 40)]
