"""`miriam audit verify` and `miriam audit reconcile` as a person meets them: tables, exit codes, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from miriam_cli.main import cli

Run = Callable[..., Result]


@pytest.fixture
def run(platform: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in platform.environment().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(cli, ["audit", *arguments])


def tamper(platform: Any, service: str, statement: str) -> None:
    with platform.superuser(service) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_honest_platform_agrees(platform: Any, run: Run) -> None:
    verified = run("verify", "--trust", str(platform.trust))
    assert verified.exit_code == 0, verified.output
    assert "Nothing differs." in verified.output
    assert "newest cosigned size" in verified.output
    stores = run("reconcile")
    assert stores.exit_code == 0, stores.output
    assert "Nothing differs." in stores.output


def test_what_differs_is_named_and_ends_with_1(platform: Any, run: Run) -> None:
    tamper(platform, "reporting", "update ledger.leaf set type = 'x' where position = 3")
    verified = run("verify")
    assert verified.exit_code == 1
    assert "does not agree with the body: type" in verified.output
    tamper(platform, "groups", "delete from event_store.event where sequence = 2")
    stores = run("reconcile")
    assert stores.exit_code == 1
    assert "missing in the store" in stores.output
    assert run("reconcile", "--source", "intake").exit_code == 0


def test_what_is_missing_is_said_with_the_next_step(platform: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("reconcile", "--source", "nobody").exit_code == 2
    assert run("verify", "--trust", str(platform.folder / "keys" / "intake.receipt.pub.json")).exit_code == 3
    monkeypatch.setenv("MIRIAM_OWNER_URLS", "intake=http://127.0.0.1:1")
    silent = run("reconcile")
    assert silent.exit_code == 4
    assert "not compared: intake: not reached" in silent.output
    monkeypatch.setenv("MIRIAM_OWNER_URLS", "intake")
    assert run("reconcile").exit_code == 3
    monkeypatch.delenv("MIRIAM_SERVICE_TOKEN")
    assert run("reconcile").exit_code == 3
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert run("verify").exit_code == 4
