"""What disappears between a service and the ledger, behind their backs, is noticed and fetched from its owner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from emission import emit
from facts import CPAS, facts
from running_platform import RunningPlatform

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_local.processes import wait_until


@pytest.fixture
def deaf(platform: RunningPlatform) -> Iterator[RunningPlatform]:
    """The platform without reporting, its ledger up to date; it runs in whole again afterwards."""
    platform.miriam("cpas", "add", CPAS)
    platform.run_only(*SERVICES)
    platform.settle()
    platform.run_only(*RECORDING_SERVICES)
    yield platform
    platform.run_only(*SERVICES)


def test_missing_numbers_are_alarmed_and_filled_before_what_follows(deaf: RunningPlatform, tmp_path: Path) -> None:
    before = deaf.recorded()["sessions"]
    emit(deaf.home, CPAS, facts("session.held", 6), tmp_path / "spool")
    with deaf.ledger_queue("sessions") as queue:
        assert wait_until(lambda: len(queue) == 6, 30)
        queue.lose(2)
    deaf.run_only(*SERVICES)
    head = deaf.settle()

    gaps = deaf.ask(
        "reporting", "select first, last, filled_at >= noticed_at from ledger.gap where source = 'sessions'"
    )
    assert (before + 1, before + 2, True) in gaps
    assert head["sources"]["sessions"]["open_gaps"] == 0
    assert {"name": "sessions", "after": before, "count": 2} in alarms(deaf)
    sequences = [leaf.sequence for leaf in deaf.leaves() if leaf.source == "sessions"]
    assert sequences == list(range(1, before + 7))


def test_lost_last_events_are_fetched_though_nothing_shows_a_gap(deaf: RunningPlatform, tmp_path: Path) -> None:
    before = deaf.recorded()["groups"]
    receipts = emit(deaf.home, CPAS, facts("group.formed", 3), tmp_path / "spool")
    with deaf.ledger_queue("groups") as queue:
        assert wait_until(lambda: len(queue) == 3, 30)
        queue.lose_all()
    deaf.run_only(*SERVICES)
    deaf.settle()
    added = [leaf.hash for leaf in deaf.leaves() if leaf.source == "groups" and leaf.sequence > before]
    assert added == [receipt.content["events"][0]["leaf"] for receipt in receipts]


def alarms(platform: RunningPlatform) -> list[dict[str, object]]:
    """The gaps that reporting's log tells as errors."""
    lines = platform.places.log_of("reporting").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    return [
        {name: line[name] for name in ("name", "after", "count")}
        for line in told
        if line["event"] == "gap" and line["level"] == "error"
    ]
