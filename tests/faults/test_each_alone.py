"""No service needs another: each starts, works and answers while the three others are down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from emission import emit
from facts import AUTHORITY, CPAS, facts
from running_platform import RunningPlatform

import miriam_verify
from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_contracts.examples import emitted
from miriam_local.processes import wait_until

FACT = {"intake": "participation.enrolled", "sessions": "session.held", "groups": "group.formed"}


@pytest.fixture(scope="module")
def lone(platform: RunningPlatform) -> Iterator[RunningPlatform]:
    """The platform, some of its services stopped by the test; all of them run again after the last test."""
    platform.miriam("cpas", "add", CPAS)
    platform.miriam("cpas", "add", "--kind", "authority", AUTHORITY)
    yield platform
    platform.run_only(*SERVICES)


@pytest.mark.parametrize("service", RECORDING_SERVICES)
def test_a_recording_service_alone_records_answers_and_publishes(
    lone: RunningPlatform, service: str, tmp_path: Path
) -> None:
    # First none at all, so that it starts alone, and does not merely go on.
    lone.run_only()
    lone.run_only(service)
    assert answering(lone) == [service]
    before = lone.recorded()[service]
    with lone.ledger_queue(service) as queue:
        held = len(queue)
        receipts = emit(lone.home, CPAS, facts(FACT[service], 3), tmp_path / "spool")
        assert [receipt.outcome for receipt in receipts] == ["recorded"] * 3
        assert [r.content["events"][0]["sequence"] for r in receipts] == [before + 1, before + 2, before + 3]
        assert wait_until(lambda: len(queue) == held + 3, 30), lone.told(f"{service}-relay")
    told = lone.get(service, f"/v1/events?after={before}")
    assert [event["sequence"] for event in told] == [before + 1, before + 2, before + 3]


def test_reporting_alone_takes_what_waits_for_it_and_answers_figures_over_what_it_has(
    lone: RunningPlatform, tmp_path: Path
) -> None:
    lone.run_only("intake")
    opened = emitted("edition.opened")
    (receipt,) = emit(lone.home, AUTHORITY, [opened], tmp_path / "spool")
    assert receipt.outcome in ("recorded", "duplicate")
    with lone.ledger_queue("intake") as queue:
        assert wait_until(lambda: len(queue) > 0, 30), lone.told("intake-relay")
    lone.run_only()
    lone.run_only("reporting")
    assert answering(lone) == ["reporting"]
    head = lone.settle()
    assert head["sources"]["intake"]["sequence"] == receipt.content["events"][0]["sequence"]

    edition = opened["data"]["edition"]
    bodies = [leaf.body for leaf in lone.leaves()]
    assert lone.figures(edition) == miriam_verify.figures(bodies, edition, levels=("total",))


def answering(platform: RunningPlatform) -> list[str]:
    """The services that answer over HTTP."""
    return [service for service in SERVICES if platform.get(service, "/healthz")]
