"""What a look says of what was shown; and that a log which was tampered with is found out."""

from __future__ import annotations

import datetime as dt
import json

import psycopg2
import pytest
from click.testing import CliRunner
from indicator_history import History
from psycopg2.extensions import connection as Connection

from miriam_platform.pool import Pool
from miriam_reporting.audit.access import Asked, Broken, LookRefused, Shown, look, looks, newest, note, verify
from miriam_reporting.commands.looks import looks_command


@pytest.fixture
def app(history: History) -> Connection:
    history.report()
    look(history.database.app, "auditor.jan", 'a look with a « quote " and a\ttab', {"view": "é", "of": [1, None]})
    return history.database.app


def tamper(history: History, statement: str) -> None:
    """As somebody does who owns the database: the triggers are off for the one statement."""
    owner = history.database.owner
    with owner, owner.cursor() as cursor:
        cursor.execute("alter table access.look disable trigger user")
        cursor.execute(statement)
        cursor.execute("alter table access.look enable trigger user")


def test_a_look_tells_its_kind_and_what_was_shown(history: History, app: Connection) -> None:
    shown = Shown("register", 28, as_of=5)
    number = look(app, "authority.spp", "a complaint", {"page": "/x"}, kind="break_the_glass", shown=shown)
    (found,) = looks(app, number - 1)
    assert (found.kind, found.view, found.rows, found.as_of) == ("break_the_glass", "register", 28, 5)
    assert found.position == history.head


def test_a_kind_or_a_view_that_is_none_is_refused_before_anything_is_noted(app: Connection) -> None:
    before = verify(app)
    for kind, view in (("peek", "register"), ("look", "Register of women"), ("look", "")):
        with pytest.raises(LookRefused):
            look(app, "auditor.jan", "audit", {}, kind=kind, shown=Shown(view, 1))
    assert verify(app) == before


def test_a_log_that_nobody_touched_is_whole_and_still_holds_the_hash_of_before(app: Connection) -> None:
    before = verify(app)
    look(app, "auditor.jan", "more", {}, kind="export", shown=Shown("sample", 0))
    after = verify(app, before.hash)
    assert after.looks == before.looks + 1
    assert after.hash != before.hash


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'auditor.other'", "purpose = 'another'", "what = '{}'", "kind = 'export'", "view = 'other'",
        "rows = 1", "as_of = 1", "position = position + 1", "at = at + interval '1 microsecond'",
    ],
)  # fmt: skip
def test_a_look_that_was_changed_is_found(history: History, app: Connection, change: str) -> None:
    number = look(app, "auditor.jan", "a look", {"a": 1}, shown=Shown("register", 2, 3))
    look(app, "auditor.jan", "a later look", {})
    tamper(history, "create temporary table kept as select * from access.look")
    try:
        tamper(history, f"update access.look set {change} where id = {number}")
        with pytest.raises(Broken, match=f"look {number} is not as it was written"):
            verify(app)
    finally:
        tamper(history, "delete from access.look")
        tamper(history, "insert into access.look overriding system value select * from kept; drop table kept")
    verify(app)


def test_a_look_that_was_taken_away_is_found_the_last_one_too(history: History, app: Connection) -> None:
    first = look(app, "auditor.jan", "first", {})
    last = look(app, "auditor.jan", "last", {})
    tamper(history, "create temporary table kept as select * from access.look")
    try:
        for gone, told in ((last, "looks were taken away"), (first, f"look {last} is not as it was written")):
            tamper(history, f"delete from access.look where id = {gone}")
            with pytest.raises(Broken, match=told):
                verify(app)
            tamper(history, f"insert into access.look overriding system value select * from kept where id = {gone}")
    finally:
        tamper(history, "drop table kept")
    verify(app)


def test_a_chain_written_anew_is_found_by_who_kept_a_hash(app: Connection) -> None:
    verify(app)
    with pytest.raises(Broken, match="stands in the log no more"):
        verify(app, bytes(range(32)))


def test_the_newest_looks_are_found_by_actor_kind_and_day_a_page_at_a_time(app: Connection) -> None:
    numbers = [look(app, "auditor.paged", "p", {}, kind="export") for _ in range(3)]
    look(app, "auditor.paged", "p", {})
    today = newest(app, Asked(), 1)[0].at.astimezone().date()
    asked = Asked("auditor.paged", "export")
    page = newest(app, asked, 2)
    assert [each.id for each in page] == [numbers[2], numbers[1]]
    assert [each.id for each in newest(app, asked, 2, before=numbers[1])] == [numbers[0]]
    for day, found in ((-3, 0), (3, 0)):
        assert len(newest(app, Asked("auditor.paged", day=today + dt.timedelta(day)), 9)) == found
    three = {today + dt.timedelta(day) for day in (-1, 0, 1)}
    assert sum(len(newest(app, Asked("auditor.paged", day=day), 9)) for day in three) == 4


def test_the_command_checks_the_log_and_fails_where_it_was_written_anew(
    history: History, app: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    told = json.loads(CliRunner().invoke(looks_command, ["--verify", "--json"]).stdout)
    assert told["looks"] == verify(app).looks
    assert CliRunner().invoke(looks_command, ["--kept", told["hash"]]).exit_code == 0
    assert CliRunner().invoke(looks_command, ["--kept", "00" * 32]).exit_code == 1
    assert CliRunner().invoke(looks_command, ["--kept", "no hash"]).exit_code == 2
    look(app, "auditor.jan", "p", {}, kind="export", shown=Shown("register", 7))
    (last,) = json.loads(CliRunner().invoke(looks_command, ["--last", "1", "--json"]).stdout)
    assert (last["kind"], last["shown"]) == ("export", {"view": "register", "rows": 7, "as_of": None})


def test_a_look_is_noted_from_a_pool_too_and_on_a_connection_that_was_lost_meanwhile(
    history: History, app: Connection
) -> None:
    pool = Pool(history.app_url, "test-looks", 1)
    try:
        first = note(pool, "auditor.pool", "p", {})
        with app, app.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-looks'"
            )
            assert cursor.fetchall() == [(True,)]
        assert note(pool, "auditor.pool", "p", {}) > first
    finally:
        pool.close()


def test_the_application_cannot_move_the_head_of_the_log(app: Connection) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), app, app.cursor() as cursor:
        cursor.execute("update access.head set hash = sha256('')")
