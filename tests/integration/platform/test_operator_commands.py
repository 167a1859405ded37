"""`miriam refusals` and `miriam parked`: what an operator sees and decides, and what he never sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
from click.testing import CliRunner, Result

from miriam_platform.parked_commands import parked
from miriam_platform.recorder import Recorder
from miriam_platform.refusal_commands import refusals

Rows = Callable[..., list[tuple[Any, ...]]]
Miriam = Callable[..., Result]
BECAUSE = ("--reason", "the rule was mended", "--actor", "els.peeters")


@pytest.fixture
def miriam(access: Any, monkeypatch: pytest.MonkeyPatch) -> Miriam:
    """Runs a command against the service's database."""
    monkeypatch.setenv("MIRIAM_SESSIONS_DATABASE_URL", access.app_url)

    def run(group: Any, *arguments: str) -> Result:
        return CliRunner().invoke(group, arguments)

    return run


@pytest.fixture
def refused(recorder: Recorder, sender: Any) -> None:
    recorder.record([sender.goal_reached(id="e-early"), sender.goal_set(id="e-odd", data={"domain": "MARKER"})])


def test_refusals_are_listed_and_explained_without_any_value(miriam: Miriam, refused: None) -> None:
    listed = json.loads(miriam(refusals, "list", "--service", "sessions", "--json").output)["refusals"]
    assert [(r["number"], r["id"], r["problems"][0]["code"]) for r in listed] == [
        (2, "e-odd", "unknown_code"),
        (1, "e-early", "fact_not_found"),
    ]
    only = json.loads(miriam(refusals, "list", "--service", "sessions", "--rule", "unknown_code", "--json").output)
    assert [r["number"] for r in only["refusals"]] == [2]
    shown = miriam(refusals, "show", "sessions", "2", "--lang", "fr")
    assert shown.exit_code == 0
    assert "data/domain" in shown.output
    tables = miriam(refusals, "list", "--service", "sessions")
    assert "e-odd" in tables.output
    assert "MARKER" not in shown.output + tables.output + json.dumps(listed)


def test_a_refusal_is_tried_again_or_given_up_once(miriam: Miriam, refused: None, rows: Rows) -> None:
    assert miriam(refusals, "retry", "sessions", "1", *BECAUSE).exit_code == 0
    assert miriam(refusals, "discard", "sessions", "2", *BECAUSE).exit_code == 0
    found = rows("select number, status, length(payload) > 0 from door.refusal order by number")
    assert found == [(1, "asked", True), (2, "discarded", False)]
    for command in (
        ("retry", "sessions", "1", *BECAUSE),
        ("discard", "sessions", "2", *BECAUSE),
        ("show", "sessions", "99"),
    ):
        assert miriam(refusals, *command).exit_code == 2


def test_what_was_given_up_and_comes_again_can_be_tried_again(
    miriam: Miriam, recorder: Recorder, sender: Any, rows: Rows
) -> None:
    late = sender.goal_reached("p-1")
    recorder.record([late])
    miriam(refusals, "discard", "sessions", "1", *BECAUSE)
    recorder.record([late])
    assert rows("select status, length(payload) > 0 from door.refusal") == [("kept", True)]


def test_a_decision_keeps_who_made_it_and_why(miriam: Miriam, refused: None, rows: Rows) -> None:
    miriam(refusals, "discard", "sessions", "2", *BECAUSE)
    shown = json.loads(miriam(refusals, "show", "sessions", "2", "--json").output)
    assert [(d["action"], d["actor"], d["reason"]) for d in shown["decisions"]] == [
        ("discard", "els.peeters", "the rule was mended")
    ]
    assert "els.peeters: the rule was mended" in miriam(refusals, "show", "sessions", "2").output
    # A second decision about what is decided already changes nothing, and is not noted.
    miriam(refusals, "retry", "sessions", "2", *BECAUSE)
    assert rows("select count(*) from door.decision") == [(1,)]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ((), "--reason"),
        (("--reason", "x"), "3 to 300 characters"),
        (("--reason", "she is 85073003328"), "holds a national number"),
        (("--reason", "a good one", "--actor", "Els Peeters"), "letters, digits"),
    ],
)
def test_nothing_is_decided_without_a_reason_and_an_actor(
    miriam: Miriam, refused: None, rows: Rows, stated: tuple[str, ...], told: str
) -> None:
    for command in ("retry", "discard"):
        done = miriam(refusals, command, "sessions", "1", *stated)
        assert done.exit_code == 2
        assert told in done.output
    assert rows("select status from door.refusal where number = 1") == [("kept",)]
    assert rows("select count(*) from door.decision") == [(0,)]


def test_who_decided_and_why_cannot_be_changed(miriam: Miriam, refused: None, access: Any) -> None:
    miriam(refusals, "discard", "sessions", "2", *BECAUSE)
    with closing(psycopg2.connect(access.app_url)) as connection:
        for change in ("update door.decision set actor = 'x'", "delete from door.decision", "truncate door.decision"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege), connection, connection.cursor() as cursor:
                cursor.execute(change)


def test_parked_events_are_listed_retried_by_subject_and_discarded_alone(miriam: Miriam, rows: Rows) -> None:
    for mark in ("f1", "f2"):
        rows("select door.park('anderlecht', 'anderlecht:p-1', %s, 'e', null, null, 'k', 'x', 5, 'KeyError')", mark)
    listed = json.loads(miriam(parked, "list", "--service", "sessions", "--json").output)["parked"]
    assert [(p["position"], p["attempts"], p["error"]) for p in listed] == [(1, 5, "KeyError"), (2, 5, "KeyError")]
    shown = json.loads(miriam(parked, "show", "sessions", "1", "--json").output)
    assert (shown["attempts"], shown["behind"], shown["decisions"]) == (5, 1, [])
    assert miriam(parked, "discard", "sessions", "1", *BECAUSE).exit_code == 0
    asked = miriam(parked, "retry", "sessions", "anderlecht", "anderlecht:p-1", *BECAUSE, "--json")
    assert json.loads(asked.output) == {"service": "sessions", "asked": 1}
    assert miriam(parked, "retry", "sessions", "anderlecht", "anderlecht:p-1", *BECAUSE).exit_code == 2
    assert miriam(parked, "show", "sessions", "99").exit_code == 2
    for position, action in ((1, "discard"), (2, "retry")):
        decided = json.loads(miriam(parked, "show", "sessions", str(position), "--json").output)["decisions"]
        assert [(d["action"], d["actor"]) for d in decided] == [(action, "els.peeters")]
    statuses = rows("select status from door.parked order by position")
    assert statuses == [("discarded",), ("asked",)]
    assert "anderlecht:p-1" in miriam(parked, "list", "--service", "sessions").output


def test_without_a_platform_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIRIAM_HOME", str(tmp_path))
    told = CliRunner().invoke(refusals, ["list", "--service", "intake"])
    assert told.exit_code == 3
    assert "miriam up" in told.output
    monkeypatch.setenv("MIRIAM_INTAKE_DATABASE_URL", "postgresql://x:y@127.0.0.1:1/z")
    assert CliRunner().invoke(refusals, ["list", "--service", "intake"]).exit_code == 4
