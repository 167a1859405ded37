"""The rows behind a figure are of single women: who asks for them is noted before they are shown, by whatever way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner
from indicator_history import History
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from miriam_platform.database import Database
from miriam_reporting.audit.access import Look, looks
from miriam_reporting.commands.diff import diff
from miriam_reporting.commands.explain import explain
from miriam_reporting.commands.report import report
from miriam_reporting.reports.diff.http import DiffAnswers
from miriam_reporting.reports.http import ReportAnswers

Answer = Callable[[str], Response]


@pytest.fixture
def loaded(history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    history.report()
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    return history


@pytest.fixture
def database(loaded: History) -> Iterator[Database]:
    found = Database(loaded.app_url, "miriam-test-looks")
    yield found
    found.close()


def last(history: History) -> Look | None:
    found = list(looks(history.database.app))
    history.database.app.rollback()
    return found[-1] if found else None


def run(command: Any, *arguments: str) -> str:
    result = CliRunner().invoke(command, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(("command", "asked"), [(explain, ("2023", "i08")), (diff, ("2023", "1", "7"))])
def test_a_command_is_noted_with_its_question(loaded: History, command: Any, asked: tuple[str, ...]) -> None:
    assert "event_id" in run(command, *asked, "--actor", "auditor.jo", "--purpose", "spot check")
    look = last(loaded)
    assert look is not None
    assert (look.actor, look.purpose, look.what["command"]) == ("auditor.jo", "spot check", command.name)
    run(command, *asked)
    again = last(loaded)
    assert again is not None
    assert again.id > look.id
    assert (again.actor.partition(".")[0], again.purpose) == ("operator", "not stated")


def test_a_report_is_of_nobody(loaded: History) -> None:
    before = last(loaded)
    run(report, "2023")
    assert last(loaded) == before


def asking(database: Database, way: str) -> Answer:
    def ask(query: str) -> Response:
        headers = Headers({"Authorization": "Bearer of-the-services"})
        asked = query if way == "explain" else f"from=1&to=7&{query}"
        request = Request(EnvironBuilder(path=f"/v1/{way}", query_string=asked, headers=headers).get_environ())
        if way == "explain":
            return ReportAnswers("of-the-services").explain(request, database, "2023", "I08")
        return DiffAnswers("of-the-services").diff(request, database, "2023")

    return ask


@pytest.mark.parametrize("way", ["explain", "diff"])
def test_so_is_the_same_over_http(loaded: History, database: Database, way: str) -> None:
    ask = asking(database, way)
    for query, actor, purpose in (
        ("actor=auditor.jo&purpose=spot+check", "auditor.jo", "spot check"),
        ("", "service.http", "not stated"),
    ):
        answer = ask(query)
        assert answer.status_code == 200, answer.get_data()
        assert b"event_id" in answer.get_data()
        look = last(loaded)
        assert look is not None
        assert (look.actor, look.purpose, look.what["http"], look.what["edition"]) == (actor, purpose, way, "2023")
    for refused in ("purpose=about+85.07.30-033.28", f"by={'x' * 5000}&part={'x' * 5000}", "actor=jo", "purpose="):
        answer = ask(refused)
        assert answer.status_code == 400, refused
        assert b"event_id" not in answer.get_data()
    assert json.loads(answer.get_data())["type"].endswith("look_refused")


@pytest.mark.parametrize("way", ["explain", "diff"])
def test_where_it_cannot_be_noted_nothing_is_shown(loaded: History, database: Database, way: str) -> None:
    owner = loaded.database.owner
    with owner, owner.cursor() as cursor:
        cursor.execute("alter table access.look rename to look_away")
    try:
        with pytest.raises(psycopg2.ProgrammingError):
            asking(database, way)("")
        assert "event_id" not in CliRunner().invoke(explain, ["2023", "I08", "--json"]).output
    finally:
        with owner, owner.cursor() as cursor:
            cursor.execute("alter table access.look_away rename to look")
