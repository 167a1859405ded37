"""`miriam report` and `miriam explain`, as their users see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from indicator_history import History

from miriam_cli.exits import Exit
from miriam_reporting.commands.explain import explain
from miriam_reporting.commands.report import report


@pytest.fixture
def known(history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    history.enrol("alpha:w1", "beta:w2")
    history.fact("session.held", participation="alpha:w1")
    history.fact("session.held", participation="alpha:w9")
    history.report()
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    return history


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)  # type: ignore[arg-type]


def test_report_as_json_has_the_shape_that_programs_rely_on(known: History) -> None:
    result = run(report, "2023", "--by", "cpas", "--json")
    assert result.exit_code == Exit.OK
    told = json.loads(result.stdout)
    assert {name: told[name] for name in ("edition", "position", "as_of", "definitions")} == {
        "edition": "2023", "position": known.head, "as_of": known.head, "definitions": "current",
    }  # fmt: skip
    assert told["checkpoint"]["size"] == known.head
    assert told["figures"][0] == {
        "code": "I01", "by": {}, "numerator": 1, "denominator": 2, "value": 1, "unit": "women", "excluded": [],
        "withheld": False,
    }  # fmt: skip
    assert told["figures"][1]["by"] == {"cpas": "alpha"}
    assert [figure["code"] for figure in told["figures"]][-1] == "D08"


def test_report_tells_how_many_leaves_are_of_tests(known: History) -> None:
    assert "test CPAS" not in run(report, "2023").output
    before = run(report, "2023", "--by", "cpas", "--json").stdout
    for _ in range(2):
        known.fact("session.held", participation="test-acme:w1")
    known.report()
    assert "2 leaves are of test CPAS, and count in no figure." in run(report, "2023").output
    after = run(report, "2023", "--by", "cpas", "--json").stdout
    assert json.loads(after)["figures"] == json.loads(before)["figures"]


def test_report_reads_in_her_language(known: History) -> None:
    french = run(report, "2023", "--lang", "fr", "--only", "I08").output
    assert "Entretiens individuels" in french
    assert "pas d'inscription 1" in french
    dutch = run(report, "2023", "--lang", "nl", "--only", "I01", "--by", "region").output
    assert "Begeleide vrouwen" in dutch
    assert "Vlaanderen" in dutch


def test_a_woman_who_counts_in_two_places_is_told_as_overlap(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    history.enrol("alpha:w1", person="a")
    history.enrol("beta:w1", person="a")
    history.enrol("beta:w2")
    for participation in ("alpha:w1", "beta:w1", "beta:w2"):
        history.fact("session.held", participation=participation)
    history.report()
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    told = json.loads(run(report, "2023", "--by", "cpas", "--only", "I01", "--json").stdout)
    assert [figure["value"] for figure in told["figures"]] == [2, 1, 2]
    assert told["overlaps"] == [{"code": "I01", "level": "cpas", "by": {}, "numerator": 1, "denominator": 1}]
    assert "in more than one place" in run(report, "2023", "--by", "cpas", "--only", "I01").output
    assert json.loads(run(report, "2023", "--only", "I01", "--json").stdout)["overlaps"] == []


def test_explain_shows_the_events_behind_a_figure(known: History) -> None:
    result = run(explain, "2023", "i08", "--cpas", "alpha", "--json")
    told = json.loads(result.stdout)
    assert told["figures"][0]["by"] == {"cpas": "alpha"}
    assert [(row["counted"], row["reason"]) for row in told["evidence"]] == [
        ("numerator", None), ("excluded", "not_enrolled"),
    ]  # fmt: skip
    table = run(explain, "2023", "I08", "--lang", "de").output
    assert told["evidence"][0]["event_id"] in table
    assert "keine Einschreibung" in table


def test_wrong_questions_end_with_usage_and_name_what_exists(known: History) -> None:
    for arguments, said in (
        (("2031",), "editions there: 2023"),
        (("2023", "--as-of", str(known.head + 1)), f"0..{known.head}"),
        (("2023", "--only", "I99"), "there is no indicator I99"),
    ):
        result = run(report, *arguments)
        assert (result.exit_code, said in result.output) == (Exit.USAGE, True), result.output
    both = run(explain, "2023", "I01", "--cpas", "alpha", "--region", "brussels")
    assert both.exit_code == Exit.USAGE


def test_without_a_database_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MIRIAM_REPORTING_DATABASE_URL", raising=False)
    monkeypatch.setenv("MIRIAM_HOME", str(tmp_path))
    result = run(report, "2023")
    assert result.exit_code == Exit.PREREQUISITE
    assert "miriam up" in result.output


def test_the_database_is_found_where_up_wrote_it(
    known: History, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MIRIAM_REPORTING_DATABASE_URL")
    monkeypatch.setenv("MIRIAM_HOME", str(tmp_path))
    (tmp_path / "environments").mkdir()
    told = {"MIRIAM_DATABASE_URL": known.app_url}
    (tmp_path / "environments" / "reporting.json").write_text(json.dumps(told))
    assert run(report, "2023", "--only", "I01").exit_code == Exit.OK
