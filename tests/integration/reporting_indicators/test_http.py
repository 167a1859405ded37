"""Reports and explanations over HTTP, asked of the functions that the service mounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from indicator_history import History
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from miriam_platform.database import Database
from miriam_reporting.reports.http import ReportAnswers

TOKEN = {"Authorization": "Bearer of-the-services"}


def ask(path: str, query: str, headers: dict[str, str]) -> Request:
    return Request(EnvironBuilder(path=path, query_string=query, headers=Headers(headers)).get_environ())


class Client:
    """Asks as an HTTP client would."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.answers = ReportAnswers("of-the-services")

    def report(self, edition: str = "2023", query: str = "", headers: dict[str, str] = TOKEN) -> Response:
        request = ask(f"/v1/editions/{edition}/report", query, headers)
        return self.answers.report(request, self.database, edition)

    def explain(self, code: str, query: str = "", headers: dict[str, str] = TOKEN) -> Response:
        request = ask(f"/v1/editions/2023/explain/{code}", query, headers)
        return self.answers.explain(request, self.database, "2023", code)


def told(response: Response) -> Any:
    return json.loads(response.get_data())


@pytest.fixture
def client(history: History) -> Iterator[Client]:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    history.report()
    database = Database(history.app_url, "miriam-test-http")
    yield Client(database)
    database.close()


def test_report_and_explanation_are_those_of_the_command(client: Client, history: History) -> None:
    answer = client.report(query="by=cpas&only=I01")
    assert answer.status_code == 200
    assert told(answer)["position"] == history.head
    assert [figure["by"] for figure in told(answer)["figures"]] == [{}, {"cpas": "alpha"}]
    evidence = told(client.explain("I08", "cpas=alpha"))["evidence"]
    assert [(row["unit"], row["counted"]) for row in evidence] == [(evidence[0]["event_id"], "numerator")]


def test_nobody_is_answered_without_the_token(client: Client) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}):
        assert client.report(headers=headers).status_code == 401
        assert client.explain("I01", headers=headers).status_code == 401


def test_what_the_client_has_is_not_computed_again_until_the_ledger_grows(client: Client, history: History) -> None:
    tag = client.report(query="only=I01").headers["ETag"]
    assert client.report(query="only=I01", headers={**TOKEN, "If-None-Match": tag}).status_code == 304
    history.enrol("alpha:w2")
    history.report()
    again = client.report(query="only=I01", headers={**TOKEN, "If-None-Match": tag})
    assert (again.status_code, told(again)["figures"][0]["denominator"]) == (200, 2)


def test_a_past_position_is_answered_as_it_was(client: Client, history: History) -> None:
    figures = told(client.report(query=f"only=I01&as_of={history.head - 1}"))["figures"]
    assert (figures[0]["numerator"], figures[0]["denominator"]) == (0, 1)


def test_wrong_questions_are_problems_that_say_what_could_be_asked(client: Client, history: History) -> None:
    for answer, status, code in (
        (client.report("2031"), 404, "unknown_edition"),
        (client.report(query=f"as_of={history.head + 1}"), 404, "position_beyond_head"),
        (client.report(query="as_of=-1"), 400, "bad_argument"),
        (client.report(query="as_of=1_0"), 400, "bad_argument"),
        (client.report(query="by=street"), 400, "bad_argument"),
        (client.report(query="only=I99"), 400, "bad_argument"),
        (client.report(query="verbose=1"), 400, "bad_argument"),
        (client.explain("I99"), 404, "unknown_indicator"),
        (client.explain("I05", "part=domain=nothing"), 404, "no_such_part"),
        (client.explain("I05", "cpas=alpha&region=brussels"), 400, "bad_argument"),
    ):
        assert (answer.status_code, told(answer)["title"]) == (status, code)
        assert answer.content_type == "application/problem+json"
