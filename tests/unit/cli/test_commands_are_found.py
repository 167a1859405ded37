"""The `miriam` command finds what is installed, and fails with a code and a next step."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint

import click
import pytest
from click.testing import CliRunner, Result

from miriam_cli import plugins
from miriam_cli.exits import Exit, Failure
from miriam_cli.main import cli
from miriam_cli.output import emit, json_option, table


@click.command()
@json_option
def sound(as_json: bool) -> None:
    """Print one figure."""
    emit({"women": 3}, as_json, lambda screen: screen.print(table("", ["what", "n"], [["women", 3]])))


@click.command()
def silent_service() -> None:
    raise Failure(Exit.UNREACHABLE, "intake does not answer", "run `miriam up`")


@click.command()
def faulty() -> None:
    raise RuntimeError("Jeanne Martin")


not_a_command = 7


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "sound": [f"{__name__}:sound"],
        "silent": [f"{__name__}:silent_service"],
        "faulty": [f"{__name__}:faulty"],
        "absent": ["no_such_package_of_ours.commands:absent"],
        "number": [f"{__name__}:not_a_command"],
        "twice": [f"{__name__}:sound", f"{__name__}:faulty"],
        "audit.count": [f"{__name__}:sound"],
        "audit.fail": [f"{__name__}:silent_service"],
    }
    points = [EntryPoint(name, value, plugins.GROUP) for name, each in values.items() for value in each]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.mark.usefixtures("installed")
class TestInstalledCommands:
    def test_packages_bring_commands_to_a_group(self) -> None:
        assert "count" in run("audit", "--help").output
        assert "audit" in run("--help").output
        assert "count" not in run("--help").output.split()
        assert json.loads(run("audit", "count", "--json").stdout) == {"women": 3}
        assert run("audit", "fail").exit_code == Exit.UNREACHABLE
        assert run("audit", "no-such").exit_code == Exit.USAGE

    def test_a_command_prints_a_table_for_people_and_json_for_programs(self) -> None:
        assert "women" in run("sound").output
        assert json.loads(run("sound", "--json").stdout) == {"women": 3}

    def test_a_broken_package_costs_no_other_command(self) -> None:
        listing = run("--help")
        assert listing.exit_code == Exit.OK
        assert "sound" in listing.output
        assert "absent" in listing.output
        assert run("sound").exit_code == Exit.OK

    def test_a_package_that_cannot_be_imported_says_so_without_a_trace(self) -> None:
        result = run("absent", "--some-option", "value")
        assert result.exit_code == Exit.PREREQUISITE
        assert "no_such_package_of_ours" in result.stderr
        assert "make setup" in result.stderr
        assert "Traceback" not in result.output

    def test_an_entry_point_that_is_no_command_says_so(self) -> None:
        result = run("number")
        assert (result.exit_code, "is a int" in result.stderr) == (Exit.PREREQUISITE, True)

    def test_two_packages_cannot_bring_one_command(self) -> None:
        result = run("twice")
        assert (result.exit_code, "more than one package" in result.stderr) == (Exit.PREREQUISITE, True)

    def test_a_failure_gives_its_code_and_the_next_step(self) -> None:
        result = run("silent")
        assert result.exit_code == Exit.UNREACHABLE
        assert result.stdout == ""
        assert "intake does not answer" in result.stderr
        assert "run `miriam up`" in result.stderr

    def test_an_unexpected_error_shows_no_value_that_it_carries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        result = run("faulty")
        assert result.exit_code == Exit.INTERNAL
        assert "RuntimeError" in result.stderr
        assert "Jeanne" not in result.output
        monkeypatch.setenv("MIRIAM_TRACE", "1")
        assert isinstance(run("faulty").exception, RuntimeError)


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("no-such-command").exit_code == Exit.USAGE


def test_the_versions_of_all_packages_are_shown() -> None:
    result = run("--version")
    assert result.exit_code == Exit.OK
    assert "miriam-cli 0." in result.output
