"""`miriam import` as a person types it, without a broker; what needs one is in the end to end tests."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from miriam_cli.exits import Exit
from miriam_emitter import Settings
from miriam_importer.commands import import_

Cells = Callable[..., dict[str, Any]]
Fill = Callable[..., Path]
Run = Callable[..., Result]
NAME = "Zephyrine Vandenborre"
NISS = "85.07.30-033.29"  # its check digits are wrong


@pytest.fixture
def run(tmp_path: Path, settings: Settings) -> Run:
    """`run("template", "goals")`: the command, in a folder of its own, for Anderlecht."""
    (tmp_path / "emitters").mkdir()
    credentials = {
        "id": "anderlecht",
        "kind": "cpas",
        "amqp_url": settings.amqp_url,
        "keys_dir": str(settings.keys_dir),
    }
    (tmp_path / "emitters" / "anderlecht.json").write_text(json.dumps(credentials))

    def run(*arguments: str, given: str | None = None) -> Result:
        runner = CliRunner(env={"MIRIAM_HOME": str(tmp_path), "COLUMNS": "200"})
        return runner.invoke(import_, arguments, input=given)

    return run


def bad(session: Cells) -> dict[int, dict[str, Any]]:
    note = {"personal/text": NAME}
    return {2: session(1, **note), 3: session(2, place=NAME, **note), 4: session(3, occurred_on=NAME, theme=NISS)}


def test_a_dry_run_says_what_it_would_do_in_the_language_of_the_file_and_writes_nothing(
    run: Run, fill: Fill, session: Cells, tmp_path: Path
) -> None:
    path = fill("sessions", bad(session))
    done = run(str(path), "--as", "anderlecht", "--dry-run")
    assert done.exit_code == Exit.DIFFERENCE, done.output
    assert "Gesprekken, 3 rijen" in done.stdout
    assert "rij met een probleem" in done.stdout
    assert "OCMW, Aan huis" in done.stdout
    assert list(tmp_path.glob("*answers*")) == []
    told = json.loads(run(str(path), "--as", "anderlecht", "--dry-run", "--json").stdout)
    assert (told["would"]["new"], told["rows_with_problems"], told["facts"]) == (1, 2, {"held": 1})
    assert {(each["row"], each["rule"]) for each in told["problems"]} == {
        (3, "unknown_code"), (4, "cell_date"), (4, "unknown_code"),
    }  # fmt: skip


@pytest.mark.parametrize("options", [["--dry-run"], ["--dry-run", "--json"], ["--yes", "--wait", "0.2"]])
def test_no_value_that_names_somebody_is_printed(run: Run, fill: Fill, session: Cells, options: list[str]) -> None:
    done = run(str(fill("sessions", bad(session))), "--as", "anderlecht", *options)
    for value in (NAME, "Vandenborre", "033.29"):
        assert value not in done.stdout
        assert value not in done.stderr


def test_without_an_answer_the_code_is_4_and_the_copy_says_so(
    run: Run, fill: Fill, session: Cells, tmp_path: Path
) -> None:
    path = fill("sessions", bad(session))
    done = run(str(path), "--as", "anderlecht", "--yes", "--wait", "0.2")
    assert done.exit_code == Exit.UNREACHABLE, done.output
    copy = tmp_path / "sessions.answers.xlsx"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    page = load_workbook(copy).worksheets[0]
    heads = {cell.value: int(cell.column or 0) for cell in page[1]}
    status = [page.cell(row, heads["Antwoord van Miriam"]) for row in (2, 3)]
    assert [cell.value for cell in status] == ["Wacht op antwoord", "Niet verzonden: te verbeteren"]
    assert status[0].fill.fgColor.rgb != status[1].fill.fgColor.rgb
    assert "OCMW, Aan huis" in str(page.cell(3, heads["Waarom"]).value)
    # Lists and bounds are still there for who mends it.
    assert len(page.data_validations.dataValidation) == len(
        load_workbook(path).worksheets[0].data_validations.dataValidation
    )


def test_it_asks_before_it_sends_and_no_means_no(run: Run, fill: Fill, session: Cells, tmp_path: Path) -> None:
    path = fill("sessions", {2: session()})
    done = run(str(path), "--as", "anderlecht", given="n\n")
    assert "1 feiten verzenden als anderlecht?" in done.stdout
    assert done.exit_code == 1
    told = json.loads(run(str(path), "--as", "anderlecht", "--dry-run", "--json").stdout)
    assert told["would"]["new"] == 1
    assert list(tmp_path.glob("*answers*")) == []


def test_copies_are_numbered_and_none_is_written_over(run: Run, fill: Fill, session: Cells, tmp_path: Path) -> None:
    path = fill("sessions", {2: session(place="kantine")})
    for _ in range(2):
        assert run(str(path), "--as", "anderlecht", "--yes").exit_code == Exit.DIFFERENCE
    assert run(str(tmp_path / "sessions.answers.xlsx"), "--as", "anderlecht", "--yes").exit_code == Exit.DIFFERENCE
    names = sorted(each.name for each in tmp_path.glob("*answers*"))
    assert names == ["sessions.answers-2.xlsx", "sessions.answers-3.xlsx", "sessions.answers.xlsx"]
    page = load_workbook(tmp_path / "sessions.answers-3.xlsx").worksheets[0]
    heads = [cell.value for cell in page[1]]
    assert heads.count("Antwoord van Miriam") == 1


def test_a_template_is_named_after_its_sheet_and_never_written_over(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("template", "--lang", "fr", "sessions").exit_code == Exit.OK
    assert (tmp_path / "entretiens.xlsx").exists()
    again = run("template", "--lang", "fr", "sessions")
    assert again.exit_code == Exit.USAGE
    assert "--out" in again.stderr
    told = json.loads(run("template", "goals", "--format", "csv", "--out", "g.csv", "--json").stdout)
    assert told == {"path": "g.csv", "kind": "goals", "language": "fr", "format": "csv"}


def test_kinds_are_listed_in_the_language_asked_for(run: Run) -> None:
    assert "Questionnaires" in run("kinds", "--lang", "fr").stdout
    assert {each["kind"] for each in json.loads(run("kinds", "--json").stdout)} >= {"sessions", "attendance"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing.xlsx", "--as", "anderlecht"), Exit.USAGE, "cannot be opened"),
        (("nothing.xlsx",), Exit.USAGE, "--as"),
        (("nothing.xlsx", "--as", "seraing"), Exit.PREREQUISITE, "miriam cpas add seraing"),
        (("nothing.xlsx", "--as", "anderlecht", "--json"), Exit.USAGE, "--yes"),
        (("template", "nonsense"), Exit.USAGE, "enrolments"),
    ],
)
def test_what_goes_wrong_says_the_next_step(run: Run, arguments: tuple[str, ...], code: Exit, said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == code
    assert said in done.stderr
