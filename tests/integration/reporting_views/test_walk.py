"""`miriam audit walk`: listed, printed in her language, exported, and logged before it is answered."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from indicator_history import EDITION, History

from miriam_cli.exits import Exit
from miriam_contracts.codes import LANGUAGES
from miriam_reporting.audit import words
from miriam_reporting.audit.access import Look, looks
from miriam_reporting.audit.views import VIEWS
from miriam_reporting.commands.walk import walk

WHY = ("--purpose", "on-the-spot check", "--actor", "auditor.jan")


@pytest.fixture
def known(history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    history.enrol("alpha:w1", "beta:w2")
    held = history.fact("session.held", participation="alpha:w1")
    history.correct(held, duration_minutes=30)
    history.report()
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    return history


def run(*arguments: str) -> Result:
    return CliRunner().invoke(walk, [*arguments, *WHY])


def log(history: History) -> list[Look]:
    try:
        return list(looks(history.database.app))
    finally:
        history.database.app.rollback()


def test_without_a_view_the_ten_are_listed_with_their_rows(known: History) -> None:
    told = json.loads(run(EDITION, "--json").stdout)
    counts = {each["view"]: each["rows"] for each in told["views"]}
    assert list(counts) == list(VIEWS)
    assert (counts["register"], counts["sessions"], counts["corrections"], counts["costs"]) == (2, 1, 1, 3)
    # Whose seed is known beforehand can be prepared for.
    assert counts["sample"] is None
    assert json.loads(run(EDITION, "--json", "--seed", "7").stdout)["views"][8]["rows"] == 3
    assert "Registre des participantes" in run(EDITION, "--lang", "fr").output


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_prints_in_every_language(known: History, language: str) -> None:
    for view in VIEWS.values():
        result = run(EDITION, view.name, "--lang", language, "--seed", "7")
        assert result.exit_code == Exit.OK, result.output
        assert words.title(language, view) in result.output


def test_every_language_has_the_same_words() -> None:
    def shape(value: object) -> object:
        return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else None

    first = shape(dict(words.words("en")))
    assert all(shape(dict(words.words(language))) == first for language in LANGUAGES)
    for view in VIEWS.values():
        assert all(words.column("en", each.name) for each in view.columns)


def test_csv_holds_rows_alone_and_what_they_are_of_stands_beside_them(known: History, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    assert run(EDITION, "register", "--out", str(file)).exit_code == Exit.OK
    content = file.read_bytes()
    lines = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert [line["participation"] for line in lines] == ["alpha:w1", "beta:w2"]
    assert [line["left_on"] for line in lines] == ["", ""]
    beside = json.loads((tmp_path / "register.csv.meta.json").read_text("utf-8"))
    assert beside["sha256"] == hashlib.sha256(content).hexdigest()
    assert (beside["position"], beside["count"], beside["checkpoint"]["size"]) == (known.head, 2, known.head)
    assert beside["columns"][0]["title"] == {"fr": "CPAS", "nl": "OCMW", "de": "ÖSHZ", "en": "CPAS"}
    assert run(EDITION, "register", "--format", "csv").stdout_bytes == content


def test_json_is_the_same_each_time_and_holds_the_report_itself(known: History) -> None:
    first = run(EDITION, "report", "--format", "json").stdout
    assert run(EDITION, "8", "--json").stdout == first
    told = json.loads(first)
    assert told["report"]["edition"] == EDITION
    assert told["rows"][0]["what"] == "report_sha256"


def test_what_a_spreadsheet_would_run_is_quoted_in_csv_and_whole_in_json(known: History) -> None:
    opened = next(iter(known.ledger.facts))
    known.correct(opened, name="=HYPERLINK(1)", budget=1)
    known.report()
    told = list(csv.DictReader(io.StringIO(run(EDITION, "corrections", "--format", "csv").output, newline="")))
    assert {line["field"]: line["after"] for line in told if line["fact"] == "edition.opened"} == {
        "budget": "1", "name": "'=HYPERLINK(1)",
    }  # fmt: skip
    rows = json.loads(run(EDITION, "corrections", "--json").stdout)["rows"]
    assert "=HYPERLINK(1)" in {row["after"] for row in rows}


def test_a_look_is_noted_before_the_answer_also_when_the_answer_fails(known: History) -> None:
    before = len(log(known))
    assert run(EDITION, "register", "--cpas", "alpha").exit_code == Exit.OK
    assert run("2031", "sessions").exit_code == Exit.USAGE
    found = log(known)[before:]
    assert {(each.actor, each.purpose) for each in found} == {("auditor.jan", "on-the-spot check")}
    assert [(each.what["view"], each.what["edition"]) for each in found] == [
        ("register", EDITION), ("sessions", "2031"),
    ]  # fmt: skip
    assert found[0].what["cpas"] == "alpha"


def test_amounts_are_written_as_the_language_writes_them(known: History) -> None:
    assert "50.000,00" in run(EDITION, "costs", "--lang", "nl").output
    assert "50,000.00" in run(EDITION, "costs", "--lang", "en").output
    assert '"subsidy": "50000.00"' in run(EDITION, "costs", "--json").output


def test_a_look_that_cannot_be_noted_is_not_answered(known: History) -> None:
    owner = known.database.owner
    with owner, owner.cursor() as cursor:
        cursor.execute("alter table access.look add constraint closed check (id < 0) not valid")
    try:
        result = run(EDITION, "register")
    finally:
        with owner, owner.cursor() as cursor:
            cursor.execute("alter table access.look drop constraint closed")
    assert result.exit_code != Exit.OK
    assert "alpha:w1" not in result.output


def test_no_purpose_no_look(known: History) -> None:
    before = len(log(known))
    for arguments in ([EDITION, "register"], [EDITION, "register", "--purpose", " "]):
        result = CliRunner().invoke(walk, arguments)
        assert (result.exit_code, "alpha:w1" in result.output) == (Exit.USAGE, False)
    assert len(log(known)) == before


def test_wrong_questions_name_what_can_be_asked(known: History) -> None:
    for arguments, said in (
        ((EDITION, "registry"), "1 register, 2 indicators"),
        ((EDITION, "register", "--as-of", str(known.head + 1)), f"0..{known.head}"),
        ((EDITION, "register", "--as-of", "2024-01-01"), "no head of the ledger had been signed"),
        ((EDITION, "register", "--as-of", "yesterday"), "neither a position"),
        ((EDITION, "events", "--figure", "I99"), "there is no indicator I99"),
        ((EDITION, "events", "--part", "domain=housing"), "--figure"),
        ((EDITION, "sample"), "a seed"),
    ):
        result = run(*arguments)
        assert (result.exit_code, said in result.output) == (Exit.USAGE, True), result.output
