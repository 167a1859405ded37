"""A test CPAS through the whole platform: answered like any other, counted nowhere, and wiped; proofs hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from emission import emit
from running_platform import RunningPlatform

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import payload

REAL, TEST, AUTHORITY, EDITION, PROJECT = "anderlecht", "test-acme", "spp-is", "2023-2024", "spp-is:2023-and-1"
NUMBER = "85073003328"


def fact(kind: str, cpas: str = REAL, tag: str = "", **changes: Any) -> dict[str, Any]:
    """A fact of a golden example, as this CPAS says it: of its own woman and group, in the real project."""
    known = payload(kind)
    data = {**known, **{name: value for name, value in changes.items() if name in known or name == "personal"}}
    data = {
        name: value.replace("anderlecht:", f"{cpas}:") if isinstance(value, str) else value
        for name, value in data.items()
    }
    if "project" in data and kind != "project.approved":
        data["project"] = PROJECT
    return {
        "id": f"{kind}{tag}",
        "type": f"miriam.{kind}.v1",
        "subject": data[EVENT_TYPES[f"miriam.{kind}.v1"].subject_field],
        "time": f"{data['occurred_on']}T10:00:00+01:00",
        "data": data,
    }


def of_her(cpas: str, tag: str = "") -> list[dict[str, Any]]:
    return [
        fact("participation.enrolled", cpas, tag, personal={"niss": NUMBER}, participation=f"{cpas}:p-1"),
        fact("session.held", cpas, tag, personal={"text": "a note"}, participation=f"{cpas}:p-1"),
        fact("goal.reached", cpas, tag, participation=f"{cpas}:p-1", goal=f"{cpas}:never-set"),
        fact("group.formed", cpas, tag),
    ]


def outcomes(platform: RunningPlatform, emitter: str, events: list[dict[str, Any]], spool: Path) -> list[str]:
    return [receipt.outcome for receipt in emit(platform.home, emitter, events, spool)]


def test_a_test_cpas_is_answered_counted_nowhere_and_wiped(platform: RunningPlatform, tmp_path: Path) -> None:
    platform.miriam("cpas", "add", REAL)
    platform.miriam("cpas", "add", AUTHORITY, "--kind", "authority")
    platform.miriam("cpas", "add", "--test", TEST)
    said = [
        fact("edition.opened", edition=EDITION),
        fact("cpas.registered", cpas=REAL),
        fact("project.approved", project=PROJECT, edition=EDITION, cpas=REAL),
    ]
    assert set(outcomes(platform, AUTHORITY, said, tmp_path / "authority")) == {"recorded"}
    recorded = ["recorded", "recorded", "refused", "recorded"]
    assert outcomes(platform, REAL, of_her(REAL), tmp_path / "real") == recorded
    platform.miriam("tally")
    platform.settle()
    before = platform.figures(EDITION, "cpas")

    # The same woman, number and all, in the same project; and a goal that was never set, to be refused.
    assert outcomes(platform, TEST, of_her(TEST), tmp_path / "test") == recorded
    platform.miriam("tally")
    platform.settle()
    assert platform.figures(EDITION, "cpas") == before
    assert platform.ask("intake", "select count(*), count(distinct person) from person.mapping") == [(2, 2)]
    platform.miriam("audit", "reconcile")
    leaves = platform.leaves()
    reported = platform.miriam("audit", "walk", EDITION, "report", "--purpose", "a test")
    ((tests,),) = platform.ask("reporting", "select ledger.leaves_of_tests(1000)")
    assert (tests, len(leaves)) == (3, 3 + 3 + 3 + 2)
    assert next(row for row in reported["rows"] if "leaves_of_tests" in row.values())["value"] == 3

    done = platform.miriam("cpas", "wipe", TEST, "--reason", "the maker begins anew", "--yes")
    assert {service: each["events"] for service, each in done["services"].items()} == {
        "intake": 1, "sessions": 1, "groups": 1,
    }  # fmt: skip
    assert done["ledger"] is True
    assert "sessions.inbox.test-acme" in done["queues"]
    platform.settle()
    assert platform.figures(EDITION, "cpas") == before
    assert [leaf.hash for leaf in platform.leaves()][: len(leaves)] == [leaf.hash for leaf in leaves]
    gone = [leaf.event for leaf in leaves if leaf.event["origin"] == f"/cpas/{TEST}"]
    for event in gone:
        service = event["source"].rpartition("/")[2]
        assert platform.ask(service, "select body from event_store.event where id = %s", event["id"]) == [(None,)]
        assert platform.ask("reporting", "select body from ledger.leaf where event_id = %s", event["id"]) == [(None,)]
    assert platform.ask("sessions", "select emitter from door.refusal") == [(REAL,)]
    assert platform.ask("intake", "select participation from person.named") == [(f"{REAL}:p-1",)]
    platform.miriam("audit", "reconcile")
    platform.miriam("audit", "verify")

    # It goes on: ids that it used stay used, with fresh ones it is as new. What others sent cannot be wiped at all.
    assert outcomes(platform, TEST, of_her(TEST)[:1], tmp_path / "again") == ["duplicate"]
    assert outcomes(platform, TEST, of_her(TEST, "-2"), tmp_path / "again") == recorded
    with pytest.raises(AssertionError, match="is for good"):
        platform.miriam("cpas", "wipe", REAL, "--reason", "x", "--yes")
    assert platform.miriam("cpas", "wipe", TEST, "--reason", "again", "--yes")["services"]["intake"]["events"] == 1
