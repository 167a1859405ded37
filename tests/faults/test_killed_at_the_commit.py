"""`kill -9` at the worst moment: all of a batch is taken from the broker, and nothing of it is committed.

The moment is made, not hoped for: the test holds the row that a commit has to pass.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from emission import emit
from facts import CPAS, facts
from running_platform import RunningPlatform

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_emitter.receipts import Receipt
from miriam_local.processes import wait_until

TIMES = 3
_RECORDED = "select id::text, sequence from event_store.event order by sequence"


def test_an_inbox_killed_before_its_commit_records_and_answers_all_of_it_once(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    platform.miriam("cpas", "add", CPAS)
    before = platform.ask("sessions", _RECORDED)
    with ThreadPoolExecutor(1) as pool:
        with platform.locked("sessions", "event_store.counter") as waiting:
            sent = pool.submit(emit, platform.home, CPAS, list(facts("session.held", 300)), tmp_path / "spool")
            for time in range(1, TIMES + 1):
                # The sessions of those that were killed wait on: the server learns of it when it answers.
                assert wait_until(lambda time=time: waiting() >= time, 60), platform.told("sessions")  # type: ignore[misc]
                platform.kill("sessions")
        receipts = sent.result(120)
    assert {receipt.outcome for receipt in receipts} == {"recorded"}
    added = platform.ask("sessions", _RECORDED)[len(before) :]
    assert sorted(added) == sorted((event["id"], event["sequence"]) for event in map(named, receipts))
    assert [sequence for _, sequence in added] == list(range(len(before) + 1, len(before) + 301))


def test_a_ledger_killed_before_its_commit_finds_all_of_it_at_the_broker(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    platform.miriam("cpas", "add", CPAS)
    platform.settle()
    platform.run_only(*RECORDING_SERVICES)
    before = platform.recorded()["groups"]
    receipts = emit(platform.home, CPAS, facts("group.formed", 1200), tmp_path / "spool")
    with platform.ledger_queue("groups") as queue:
        assert wait_until(lambda: len(queue) == 1200, 60), platform.told("groups-relay")
    # The owner is down too: what was acknowledged too early would be gone with the process, and could not be fetched.
    platform.run_only()
    with platform.locked("reporting", "ledger.head") as waiting:
        platform.supervisor.begin(["reporting"])
        for time in range(1, TIMES + 1):
            assert wait_until(lambda time=time: waiting() >= time, 60), platform.told("reporting")  # type: ignore[misc]
            platform.kill("reporting")
    platform.run_only("reporting")
    platform.settle()
    added = [leaf.hash for leaf in platform.leaves() if leaf.source == "groups" and leaf.sequence > before]
    assert added == [event["leaf"] for event in sorted(map(named, receipts), key=lambda event: int(event["sequence"]))]


def named(receipt: Receipt) -> dict[str, str]:
    """The one event that a receipt names: id, sequence, leaf."""
    (event,) = receipt.content["events"]
    return dict(event)
