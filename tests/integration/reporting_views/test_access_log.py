"""Every look at data of persons stands in the access log before it is answered, and stays there."""

from __future__ import annotations

import json

import psycopg2
import pytest
from click.testing import CliRunner
from indicator_history import History
from psycopg2.extensions import connection as Connection

from miriam_platform import database
from miriam_reporting.audit.access import LookRefused, look, looks
from miriam_reporting.commands.looks import looks_command


@pytest.fixture
def app(history: History) -> Connection:
    return history.database.app


def test_a_look_is_committed_when_it_returns_with_the_position_that_the_ledger_had(history: History) -> None:
    history.report()
    number = look(history.database.app, "auditor.jan", " sample of 2024 ", {"view": "register", "edition": "2023"})
    with database.connect(history.app_url, "another") as another:
        found = next(each for each in looks(another, number - 1))
    assert (found.id, found.actor, found.purpose, found.what, found.position) == (
        number, "auditor.jan", "sample of 2024", {"view": "register", "edition": "2023"}, history.head,
    )  # fmt: skip


def test_a_look_without_a_reason_or_with_a_persons_number_is_refused(app: Connection) -> None:
    for actor, purpose in (
        ("jan", "audit"),
        ("auditor.", "audit"),
        ("auditor.jan", "  "),
        ("auditor.jan", "x" * 501),
        ("auditor.jan", "about 85.07.30-033.28"),
    ):
        with pytest.raises(LookRefused) as raised:
            look(app, actor, purpose, {})
        assert "0730" not in str(raised.value)


def test_a_look_inside_a_transaction_could_be_taken_back_so_it_is_refused(app: Connection) -> None:
    with app.cursor() as cursor:
        cursor.execute("select 1")
    try:
        with pytest.raises(ValueError, match="outside any transaction"):
            look(app, "auditor.jan", "audit", {})
    finally:
        app.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "update access.look set purpose = 'other'",
        "delete from access.look",
        "truncate access.look",
        "insert into access.look (actor, purpose, what, position) values ('auditor.x', 'y', '{}', 0)",
    ],
)
def test_the_application_can_only_add_and_read(app: Connection, statement: str) -> None:
    look(app, "auditor.jan", "audit", {})
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), app, app.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement", ["update access.look set purpose = 'other'", "delete from access.look", "truncate access.look"]
)
def test_not_even_the_owner_changes_the_log(history: History, statement: str) -> None:
    look(history.database.app, "auditor.jan", "audit", {})
    owner = history.database.owner
    with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
        cursor.execute(statement)


def test_the_log_can_be_read_by_actor(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    look(history.database.app, "auditor.first", "sample", {"view": "register"})
    look(history.database.app, "auditor.second", "spot check [1]", {"view": "sessions", "cpas": None})
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    told = json.loads(CliRunner().invoke(looks_command, ["--actor", "auditor.second", "--json"]).stdout)
    assert [(each["purpose"], each["what"]["view"]) for each in told] == [("spot check [1]", "sessions")]
    table = CliRunner().invoke(looks_command, ["--last", "2"]).output
    assert "auditor.first" in table
    assert "spot check [1]" in table
    assert "cpas" not in table
