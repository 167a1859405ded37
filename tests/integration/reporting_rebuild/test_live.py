"""While a rebuild goes on, reading and projecting go on; the swap is noticed by nobody."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner
from history_defaults import defaults
from psycopg2.extensions import connection as Connection
from waiting import run, wait_until

from miriam_cli.exits import Exit
from miriam_contracts.canonical import canonical
from miriam_local.databases import DatabaseAccess
from miriam_reporting.commands.projections import rebuild_facts, show_status
from miriam_reporting.facts import reading
from miriam_reporting.facts.rebuild import ReadersInTheWay, rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports import compute

CODES = ("I01", "I08", "I09", "D01")


class Reader(threading.Thread):
    """Asks for the same report again and again; keeps what it said, and how long the longest answer took."""

    def __init__(self, url: str, position: int) -> None:
        super().__init__()
        self.answers: set[str] = set()
        self.times: list[float] = []
        self.problem: BaseException | None = None
        self._url, self._position = url, position
        self._ending = threading.Event()

    def run(self) -> None:
        connection = psycopg2.connect(self._url)
        try:
            while not self._ending.is_set():
                began = time.monotonic()
                found = compute(connection, "2023", self._position, ("total", "cpas"), CODES)
                self.times.append(time.monotonic() - began)
                self.answers.add(json.dumps(found.as_json()))
        except BaseException as problem:
            self.problem = problem
        finally:
            connection.close()

    def end(self) -> None:
        self._ending.set()
        self.join(60)


@contextmanager
def reader_loop(url: str, position: int) -> Iterator[Reader]:
    reader = Reader(url, position)
    reader.start()
    try:
        yield reader
    finally:
        reader.end()


@contextmanager
def arriving(access: DatabaseAccess, first: int) -> Iterator[None]:
    """New sessions enter the ledger all the while, numbered from `first`."""
    ended = threading.Event()

    def load_on() -> None:
        connection = psycopg2.connect(access.owner_url)
        number = first
        while not ended.wait(0.02):
            with connection:
                load_leaves(connection, [session(number)])
            number += 1
        connection.close()

    thread = threading.Thread(target=load_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def session(number: int) -> bytes:
    data = {**defaults("session.held", {"participation": "alpha:w1"}, number), "session": f"alpha:on-{number}"}
    at = "2023-10-02T10:00:00.000000Z"
    return canonical(
        {
            "correlationid": "c", "data": data, "datacontenttype": "application/json",
            "id": f"00000000-0000-4000-8000-{number:012d}", "origin": "/cpas/alpha", "originid": f"on-{number}",
            "recordedtime": at, "salt": f"{number:032x}", "sequence": number, "source": "/services/sessions",
            "specversion": "1.0", "subject": "alpha:w1", "time": at, "type": "miriam.session.held.v1",
        }
    )  # fmt: skip


def test_readers_see_the_same_figures_throughout_and_wait_but_a_moment(
    owner: Connection, access: DatabaseAccess, projector: Callable[[], Any]
) -> None:
    projector()
    [(last,)] = run(owner, "select last_sequence from ledger.source where source = 'sessions'")
    old = run(owner, "select oid from pg_class where relnamespace = 'facts'::regnamespace order by oid")
    with reader_loop(access.app_url, 1_500) as reader, arriving(access, last + 1):
        wait_until(lambda: len(reader.times) > 3)
        for _ in range(3):
            assert rebuild(access.owner_url, access.app_role).differences == []
        wait_until(lambda: run(owner, "select position from facts.checkpoint where position > 1520"))
    assert reader.problem is None
    assert len(reader.answers) == 1
    assert len(reader.times) > 10
    # A turn in the queue of the swap is 0.3 s; the rest is a machine of two cores that many tests share.
    assert max(reader.times) < 10
    assert run(owner, "select oid from pg_class where relnamespace = 'facts'::regnamespace order by oid") != old
    [(head,)] = run(owner, "select position from ledger.head")
    wait_until(lambda: run(owner, "select position from facts.checkpoint") == [(head,)])


def test_a_long_reader_keeps_the_swap_waiting_and_nobody_else(access: DatabaseAccess, app: Connection) -> None:
    found: list[object] = []
    with reading(app) as position:
        swapping = threading.Thread(target=lambda: found.append(rebuild(access.owner_url, access.app_role)))
        swapping.start()
        waited: list[float] = []
        deadline = time.monotonic() + 60
        while len(waited) < 25 and time.monotonic() < deadline:
            other = psycopg2.connect(access.app_url)
            began = time.monotonic()
            with reading(other) as reached:
                assert reached == position
            waited.append(time.monotonic() - began)
            other.close()
            time.sleep(0.1)
        assert max(waited) < 4
        with app.cursor() as cursor:
            cursor.execute("select count(*) from facts.attendance")
            assert cursor.fetchone() != (0,)
        assert not found
    swapping.join(30)
    assert found


def test_readers_without_end_make_the_swap_give_up(owner: Connection, access: DatabaseAccess, app: Connection) -> None:
    with reading(app), pytest.raises(ReadersInTheWay):
        rebuild(access.owner_url, access.app_role, patience=1.0)
    assert run(owner, "select nspname from pg_namespace where nspname like 'facts%'") == [("facts",)]
    assert rebuild(access.owner_url, access.app_role).differences == []


@pytest.fixture
def command(access: DatabaseAccess, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", access.app_url)
    monkeypatch.setenv("MIRIAM_MIGRATION_URL", access.owner_url)

    def ask(which: Any, *arguments: str) -> Any:
        return CliRunner().invoke(which, arguments)

    return ask


def test_status_tells_position_lag_definition_and_rows(owner: Connection, command: Callable[..., Any]) -> None:
    [(last,)] = run(owner, "select last_sequence from ledger.source where source = 'sessions'")
    with owner:
        load_leaves(owner, [session(last + 1)])
    told = json.loads(command(show_status, "--json").stdout)
    assert (told["position"], told["head"], told["lag"]["leaves"], told["rebuild"]) == (1500, 1501, 1, None)
    assert told["definition"]["same"] is True
    [(rows,)] = run(owner, "select count(*) from facts.session")
    assert told["tables"]["session"]["rows"] == rows > told["tables"]["session"]["standing"] > 0
    assert command(rebuild_facts, "--json").exit_code == Exit.OK
    told = json.loads(command(show_status, "--json").stdout)
    assert (told["lag"], told["rebuild"]["outcome"]) == ({"leaves": 0, "seconds": 0}, "swapped")
    assert (told["rebuild"]["position"], told["beside"]) == (1501, [])
    assert "swapped" in command(show_status).output


def test_a_difference_is_reported_with_its_events_and_nothing_is_swapped(
    owner: Connection, command: Callable[..., Any]
) -> None:
    [(event,)] = run(
        owner,
        "update facts.session set duration_minutes = 999 where from_position ="
        " (select min(from_position) from facts.session"
        " where fact = 'held' and until_position > 1500 and not retracted)"
        " returning event_id::text",
    )
    result = command(rebuild_facts, "--json")
    assert result.exit_code == Exit.DIFFERENCE
    told = json.loads(result.stdout)
    assert told == {
        "swapped": False,
        "differences": [{"table": "session", "missing": 1, "added": 1, "events": [event]}],
    }
    assert run(owner, "select count(*) from facts.session where duration_minutes = 999") == [(1,)]
    assert run(owner, "select nspname from pg_namespace where nspname like 'facts%'") == [("facts",)]
    assert event in command(rebuild_facts).output
    status = json.loads(command(show_status, "--json").stdout)
    assert (status["rebuild"]["outcome"], status["rebuild"]["differences"][0]["event_ids"]) == ("differs", [event])
    assert command(rebuild_facts, "--swap-anyway", "--json").exit_code == Exit.OK
    assert run(owner, "select count(*) from facts.session where duration_minutes = 999") == [(0,)]


def test_without_the_owners_address_the_next_step_is_told(
    access: DatabaseAccess, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", access.app_url)
    monkeypatch.delenv("MIRIAM_MIGRATION_URL", raising=False)
    monkeypatch.setenv("MIRIAM_HOME", str(tmp_path))
    result = CliRunner().invoke(rebuild_facts)
    assert (result.exit_code, "MIRIAM_MIGRATION_URL" in result.output) == (Exit.PREREQUISITE, True)
