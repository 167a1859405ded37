"""`miriam diff` and its kin over HTTP, as their users see them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from indicator_history import History
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from miriam_cli.exits import Exit
from miriam_platform.database import Database
from miriam_reporting.audit.event.http import EventAnswers
from miriam_reporting.commands.diff import diff
from miriam_reporting.reports.diff.http import DiffAnswers

TOKEN = {"Authorization": "Bearer of-the-services"}


def ask(path: str, query: str = "", headers: dict[str, str] = TOKEN) -> Request:
    return Request(EnvironBuilder(path=path, query_string=query, headers=Headers(headers)).get_environ())


@pytest.fixture
def known(history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    history.report()
    return history


@pytest.fixture
def database(known: History) -> Iterator[Database]:
    found = Database(known.app_url, "miriam-test-http")
    yield found
    found.close()


def test_diff_as_json_has_the_shape_that_programs_rely_on(known: History) -> None:
    before, session = known.head - 1, list(known.ledger.facts)[-1]
    result = CliRunner().invoke(diff, ["2023", str(before), str(known.head), "--only", "I01", "--by", "cpas", "--json"])
    assert result.exit_code == Exit.OK, result.output
    told = json.loads(result.stdout)
    assert (told["edition"], told["from"]["position"], told["to"]["position"]) == ("2023", before, known.head)
    assert (told["from"]["as_of"], told["to"]["definitions"]) == (before, "current")
    assert (told["from"]["checkpoint"]["size"], told["to"]["checkpoint"]["size"]) == (before, known.head)
    total, cpas = told["figures"]
    state = {"denominator": 1, "excluded": []}
    assert total == {
        "code": "I01",
        "by": {},
        "unit": "women",
        "before": {"numerator": 0, "denominator": 1, "value": 0, "excluded": []},
        "after": {"numerator": 1, "denominator": 1, "value": 1, "excluded": []},
        "difference": {"numerator": 1, "denominator": 0, "excluded": []},
        "causes": [{"cause": "new", "units": 1, "numerator": 1, "denominator": 0}],
        "changes": [
            {
                "unit": known.ledger.facts[list(known.ledger.facts)[-2]].data["person"],
                "cause": "new",
                "numerator": 1,
                "denominator": 0,
                "before": {"numerator": 0, **state},
                "after": {"numerator": 1, **state},
                "events": [
                    {"event_id": session, "position": known.head, "type": "miriam.session.held.v1", "cause": "new"}
                ],
                "events_omitted": 0,
            }
        ],
        "omitted": {"units": 0, "numerator": 0, "denominator": 0},
    }
    assert cpas["by"] == {"cpas": "alpha"}


def test_diff_reads_in_her_language_and_names_events(known: History) -> None:
    arguments = ["2023", str(known.head - 1), str(known.head)]
    french = CliRunner().invoke(diff, [*arguments, "--lang", "fr"]).output
    assert list(known.ledger.facts)[-1] in french
    assert "nouveau 1" in french
    nothing = CliRunner().invoke(diff, ["2023", str(known.head), str(known.head), "--lang", "nl"]).output
    assert "geen cijfer is veranderd" in nothing


def test_wrong_questions_end_with_usage(known: History) -> None:
    for arguments, said in (
        (["2023", "1", str(known.head + 9)], f"0..{known.head}"),
        (["2023", "0", "3"], "not opened"),
        (["2023", "2024-99-01", "3"], "neither a position"),
        (["2023", "3", "4", "--only", "I77"], "no indicator I77"),
    ):
        result = CliRunner().invoke(diff, arguments)
        assert (result.exit_code, said in result.output) == (Exit.USAGE, True), result.output


def test_diff_over_http_is_that_of_the_command(known: History, database: Database) -> None:
    answers = DiffAnswers("of-the-services")
    query = f"from={known.head - 1}&to={known.head}&by=cpas"
    answer = answers.diff(ask("/v1/editions/2023/diff", query), database, "2023")
    arguments = ["2023", str(known.head - 1), str(known.head), "--by", "cpas", "--json"]
    assert json.loads(answer.get_data()) == json.loads(CliRunner().invoke(diff, arguments).stdout)
    again = ask("/v1/editions/2023/diff", query, {**TOKEN, "If-None-Match": answer.headers["ETag"]})
    assert answers.diff(again, database, "2023").status_code == 304
    for wrong, status in (
        (ask("/", query, {}), 401), (ask("/", "from=1"), 400), (ask("/", f"{query}&more=1"), 400),
        (ask("/", "from=1&to=99999"), 404), (ask("/", "from=then&to=3"), 400), (ask("/", f"{query}&only=I77"), 400),
        (ask("/", "from=3&to=4&by=street"), 400),
    ):  # fmt: skip
        assert answers.diff(wrong, database, "2023").status_code == status


def test_an_event_over_http_needs_a_token_and_a_purpose(known: History, database: Database) -> None:
    answers, event = EventAnswers("of-the-services"), list(known.ledger.facts)[-1]
    query = "actor=auditor.jan&purpose=complaint"
    answer = answers.event(ask(f"/v1/events/{event}", query), database, event)
    assert (answer.status_code, json.loads(answer.get_data())["event_id"]) == (200, event)
    for wrong, status in ((ask("/", query, {}), 401), (ask("/"), 400), (ask("/", "actor=x&purpose=y"), 400)):
        assert answers.event(wrong, database, event).status_code == status
    assert answers.event(ask("/", query), database, "nothing").status_code == 404
    with known.database.app, known.database.app.cursor() as cursor:
        cursor.execute("select what->>'event_id' from access.look where purpose = 'complaint' order by id")
        assert [row[0] for row in cursor.fetchall()] == [event, "nothing"]
