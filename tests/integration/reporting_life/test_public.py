"""What anybody is given of a published report: by command, and over HTTP as the service answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from miriam_cli.exits import Exit
from miriam_platform.database import Database
from miriam_reporting.commands.public import public
from miriam_reporting.reports.withholding.http import PublicAnswers

Programme = Any


@pytest.fixture
def database(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Reporting's database as the application reaches it; the environment names it too."""
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", programme.access.app_url)
    found = Database(programme.access.app_url, "public-test")
    yield found
    found.close()


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(public, [*arguments, "--lang", "en"])
    assert result.exit_code == code, result.output + str(result.exception)
    return result


def request(**arguments: str) -> Request:
    return Request(EnvironBuilder(query_string=arguments).get_environ())


def test_the_public_is_given_what_is_published_and_no_small_number_of_it(
    programme: Programme, database: Database
) -> None:
    for number in range(1, 8):
        programme.support(f"alpha:w{number}")
    programme.support("beta:w9")
    programme.load()
    done = programme.published()
    told = json.loads(run("2023-r1", "--json").stdout)
    assert (told["event_id"], told["restated"]) == (done.event_id, False)
    answer = PublicAnswers().one(request(), database, "2023-r1")
    assert (answer.status_code, json.loads(answer.data)) == (200, told)
    every = PublicAnswers().published(request(), database)
    assert [each["event_id"] for each in json.loads(every.data)["publications"]] == [done.event_id]
    by = {(each["code"], *each["by"].items()): each for each in told["figures"]}
    # One woman in beta: she is withheld, and what would tell of her by subtraction.
    alone = by["I01", ("cpas", "beta")]
    assert (alone["withheld"], alone["numerator"], alone["value"], alone["excluded"]) == (True, None, None, None)
    assert by["I01", ("cpas", "alpha")]["withheld"] or by["I01",]["withheld"]
    assert by["I02",]["value"] == 2
    assert "are withheld" in run("2023-r1").stdout


def test_what_is_not_published_is_not_given(programme: Programme, database: Database) -> None:
    programme.draft()
    assert "never published" in run("2023-r1", code=Exit.USAGE).output
    assert PublicAnswers().one(request(), database, "2023-r1").status_code == 404
    assert PublicAnswers().one(request(figures="all"), database, "2023-r1").status_code == 400
    assert json.loads(PublicAnswers().published(request(), database).data) == {"publications": []}


def test_a_report_of_before_there_were_patterns_must_be_restated(programme: Programme, database: Database) -> None:
    programme.published()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table report.withheld disable trigger user")
        cursor.execute("delete from report.withheld")
    assert "miriam reopen 2023-r1" in run("2023-r1", code=Exit.PREREQUISITE).output
    assert PublicAnswers().one(request(), database, "2023-r1").status_code == 404
