"""An edition as an event log: OCEL 2.0 as specified, with the course of a woman to be read from it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from indicator_history import EDITION, History
from jsonschema import Draft7Validator, FormatChecker

from miriam_cli.exits import Exit
from miriam_reporting.audit.access import looks
from miriam_reporting.commands.export import export

SCHEMA = json.loads(Path(__file__).with_name("ocel20-schema.json").read_text("utf-8"))
ATTRIBUTE_TYPES = {"string", "time", "integer", "float", "boolean"}


@pytest.fixture
def lived(history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    """One woman's course, with a correction and a retraction, and another who was absent once."""
    history.enrol("alpha:w1", "alpha:w2")
    history.fact("group.formed", group="alpha:w1")  # a group may have the id of a participation
    history.fact("group.joined", group="alpha:w1", participation="alpha:w1")
    held = history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-04", session="alpha:s1")
    missed = history.fact("session.missed", participation="alpha:w1", occurred_on="2023-10-05", session="alpha:s2")
    history.fact("goal.set", participation="alpha:w1", goal="alpha:o1", occurred_on="2023-10-04")
    history.fact(
        "groupsession.held", group="alpha:w1", present=["alpha:w1"], absent=["alpha:w2"], occurred_on="2023-10-06"
    )
    history.fact("goal.reached", participation="alpha:w1", goal="alpha:o1", occurred_on="2023-11-02")
    history.fact("assessment.completed", participation="alpha:w1", occurred_on="2023-10-03")
    history.fact("participation.ended", participation="alpha:w1", occurred_on="2024-02-01", reason="employment")
    history.correct(held, duration_minutes=90)
    history.retract(missed)
    history.report()
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    return history


def exported(tmp_path: Path, *arguments: str, form: str = "ocel") -> Path:
    file = tmp_path / f"log.{form}"
    asked = [EDITION, "--format", form, "--out", str(file), "--purpose", "mining", "--actor", "auditor.jan", *arguments]
    result = CliRunner().invoke(export, asked)
    assert result.exit_code == Exit.OK, result.output
    return file


def log_of(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exported(tmp_path, *arguments).read_text("utf-8"))
    return found


def of_her(log: dict[str, Any], participation: str = "participation/alpha:w1") -> list[str]:
    return [e["type"] for e in log["events"] if participation in {r["objectId"] for r in e["relationships"]}]


def values(of: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in of["attributes"]}


@pytest.mark.parametrize("arguments", [(), ("--history",)])
def test_the_log_is_ocel_2_as_specified(lived: History, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    log = log_of(tmp_path, *arguments)
    Draft7Validator(SCHEMA, format_checker=FormatChecker()).validate(log)
    objects = {each["id"]: each for each in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({each["id"] for each in log["events"]}) == len(log["events"])
    for kind, found in (("eventTypes", log["events"]), ("objectTypes", log["objects"])):
        declared = {each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in log[kind]}
        assert set(declared) == {each["type"] for each in found}
        assert {of for names in declared.values() for of in names.values()} <= ATTRIBUTE_TYPES
        for each in found:
            assert set(values(each)) <= set(declared[each["type"]])
            for name, value in values(each).items():
                if declared[each["type"]][name] == "integer":
                    int(value)
                if declared[each["type"]][name] == "boolean":
                    assert value in ("true", "false")
            assert {r["objectId"] for r in each["relationships"]} <= set(objects)
    assert all(each["relationships"] for each in log["events"])


def test_her_course_can_be_followed_in_the_order_of_its_days(lived: History, tmp_path: Path) -> None:
    log = log_of(tmp_path)
    assert of_her(log) == [
        "participation.enrolled", "group.joined", "assessment.completed", "session.held", "goal.set",
        "groupsession.held", "goal.reached", "participation.ended",
    ]  # fmt: skip
    times = [each["time"] for each in log["events"]]
    assert times == sorted(times)
    # Noon in Brussels, in summer and in winter; a millisecond later for each fact of the day that was noted before.
    days = {each["type"]: each["time"] for each in log["events"]}
    assert days["session.held"] == "2023-10-04T10:00:00.000Z"
    assert days["goal.set"] == "2023-10-04T10:00:00.001Z"
    assert days["participation.ended"] == "2024-02-01T11:00:00.000Z"


def test_what_stands_is_told_and_history_tells_the_rest(lived: History, tmp_path: Path) -> None:
    standing = log_of(tmp_path)
    held = next(each for each in standing["events"] if each["type"] == "session.held")
    assert values(held)["duration_minutes"] == "90"
    assert values(held)["ledger_event"] != held["id"]
    assert "session.missed" not in of_her(standing)
    told = Counter(of_her(log_of(tmp_path, "--history")))
    assert (told["session.held"], told["session.corrected"], told["session.missed"], told["session.retracted"]) == (
        1, 1, 1, 1,
    )  # fmt: skip


def test_both_versions_of_a_session_are_told_in_one_form(lived: History, tmp_path: Path) -> None:
    told = {"themes": ["finances", "housing"], "duration": "PT2H"}
    several = lived.fact("session.held.v2", participation="alpha:w1", occurred_on="2023-10-09", **told)
    mended = lived.fact("session.held", participation="alpha:w1", occurred_on="2023-10-10", theme="health")
    lived.ledger.correct(mended, version=2, themes=["health", "mobility"])
    lived.retract(several)
    lived.report()
    names = ("duration_minutes", "theme", "themes")

    def forms(*arguments: str) -> list[tuple[str, ...]]:
        events = [e for e in log_of(tmp_path, *arguments)["events"] if e["type"].startswith("session.")]
        return [(e["type"], *(values(e)[name] for name in names)) for e in events if "theme" in values(e)]

    assert forms() == [
        ("session.held", "90", "housing", "housing"),
        ("session.held", "60", "health", "health mobility"),
    ]
    assert sorted(forms("--history")) == [
        ("session.corrected", "60", "health", "health mobility"),
        ("session.corrected", "90", "housing", "housing"),
        ("session.held", "120", "finances", "finances housing"),
        ("session.held", "60", "health", "health"),
        ("session.held", "60", "housing", "housing"),
        ("session.retracted", "120", "finances", "finances housing"),
    ]


def test_objects_change_over_time_and_hang_together(lived: History, tmp_path: Path) -> None:
    objects = {each["id"]: each for each in log_of(tmp_path)["objects"]}
    hers = objects["participation/alpha:w1"]
    assert [(a["name"], a["value"], a["time"][:10]) for a in hers["attributes"] if a["name"] == "status"] == [
        ("status", "enrolled", "2023-10-02"), ("status", "ended", "2024-02-01"),
    ]  # fmt: skip
    woman = "woman/prs-00000000000000000000000000000001"
    assert {(r["objectId"], r["qualifier"]) for r in hers["relationships"]} == {
        (woman, "participation of"), ("project/spp:p1", "takes part in"), ("cpas/alpha", "supported by"),
        ("group/alpha:w1", "member of"),
    }  # fmt: skip
    goal = objects["goal/alpha:w1/alpha:o1"]
    assert [a["value"] for a in goal["attributes"] if a["name"] == "status"] == ["set", "reached"]
    assert goal["relationships"] == [{"objectId": "participation/alpha:w1", "qualifier": "goal of"}]
    assert {each["type"] for each in objects.values()} == {
        "participation", "woman", "project", "group", "goal", "cpas", "case_manager", "edition",
    }  # fmt: skip


def test_who_was_present_and_who_absent_are_roles(lived: History, tmp_path: Path) -> None:
    event = next(each for each in log_of(tmp_path)["events"] if each["type"] == "groupsession.held")
    roles = {(r["objectId"], r["qualifier"]) for r in event["relationships"]}
    assert ("participation/alpha:w1", "present") in roles
    assert ("participation/alpha:w2", "absent") in roles


def test_an_earlier_position_tells_what_was_known_then(lived: History, tmp_path: Path) -> None:
    log = log_of(tmp_path, "--as-of", "11")
    assert of_her(log)[-1] == "session.held"
    assert values(next(e for e in log["events"] if e["type"] == "session.held"))["duration_minutes"] == "60"


def test_as_csv_there_is_a_line_for_each_woman_of_an_event(lived: History, tmp_path: Path) -> None:
    lines = exported(tmp_path, form="csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("case_id,activity,timestamp,woman,cpas,project")
    assert [line.split(",")[1] for line in lines[1:] if line.startswith("alpha:w2,")] == [
        "participation.enrolled", "groupsession.held",
    ]  # fmt: skip


def test_the_look_is_noted_and_a_file_that_fails_is_not_left(lived: History, tmp_path: Path) -> None:
    before = [each.id for each in looks(lived.database.app)]
    lived.database.app.rollback()
    asked = ["2031", "--out", str(tmp_path / "log.json"), "--purpose", "mining", "--actor", "auditor.jan"]
    assert CliRunner().invoke(export, asked).exit_code == Exit.USAGE
    found = list(looks(lived.database.app, max(before, default=0)))
    lived.database.app.rollback()
    assert [(each.actor, each.what["edition"]) for each in found] == [("auditor.jan", "2031")]
    assert list(tmp_path.iterdir()) == []
