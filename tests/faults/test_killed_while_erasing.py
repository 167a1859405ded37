"""`kill -9` while a woman's data are being destroyed: it happens whole, once, and is told once.

The moment is made: the test holds the row that the commit has to pass, when all else is done.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from emission import emit
from facts import CPAS
from running_platform import RunningPlatform

from miriam_contracts.examples import payload
from miriam_local.processes import wait_until

DPO = "spp-is-dpo"
TIMES = 2
_DESTROYED = "select count(*) from event_store.event where type = 'miriam.key.destroyed.v1' and body like %s"


def fact(kind: str, participation: str, **changes: object) -> dict[str, object]:
    data = payload(kind, "typical", **{"participation": participation, **changes})
    day = data["occurred_on"]
    subject = str(data.get("person") or participation)
    return {
        "id": f"{kind}-{participation.rpartition(':')[2]}",
        "type": f"miriam.{kind}.v1",
        "subject": subject,
        "time": f"{day}T10:00:00+01:00",
        "data": data,
    }


def left(platform: RunningPlatform, service: str, participation: str) -> tuple[int, int]:
    """Keys and blocks that a service holds of a participation."""
    query = (
        "select (select count(*) from sealed.key where participation = %s and wrapped is not null),"
        " (select count(*) from sealed.block where participation = %s)"
    )
    ((keys, blocks),) = platform.ask(service, query, participation, participation)
    return keys, blocks


def test_an_erasure_killed_before_its_commit_happens_whole_and_once(platform: RunningPlatform, tmp_path: Path) -> None:
    platform.miriam("cpas", "add", CPAS)
    platform.miriam("cpas", "add", DPO, "--kind", "dpo")
    p = f"{CPAS}:p-erased"
    manager = {"case_manager": f"{CPAS}:cm-1"}
    enrolled = fact("participation.enrolled", p, personal={"niss": "85073003328"}, **manager)
    held = fact("session.held", p, session=f"{CPAS}:s-1", personal={"text": "a note"}, **manager)
    receipts = emit(platform.home, CPAS, [enrolled, held], tmp_path / "cpas")
    assert {receipt.outcome for receipt in receipts} == {"recorded"}
    assert left(platform, "intake", p) == left(platform, "sessions", p) == (1, 1)
    ((person,),) = platform.ask("intake", "select person.of_participation(%s)", p)
    erasure = fact("person.erased", p, person=person)

    with ThreadPoolExecutor(1) as pool, platform.locked("sessions", "event_store.counter") as sessions_waiting:
        with platform.locked("intake", "event_store.counter") as intake_waiting:
            sent = pool.submit(emit, platform.home, DPO, [erasure], tmp_path / "dpo")
            for time in range(1, TIMES + 1):
                assert wait_until(lambda time=time: intake_waiting() >= time, 60), platform.told("intake")  # type: ignore[misc]
                assert left(platform, "intake", p) == (1, 1)
                platform.kill("intake")
        assert sent.result(120)[0].outcome == "recorded"
        assert left(platform, "intake", p) == (0, 0)
        # Now the one that follows, held at the same place.
        for time in range(1, TIMES + 1):
            assert wait_until(lambda time=time: sessions_waiting() >= time, 60), platform.told("sessions")  # type: ignore[misc]
            assert left(platform, "sessions", p) == (1, 1)
            platform.kill("sessions")
    assert wait_until(lambda: left(platform, "sessions", p) == (0, 0), 60), platform.told("sessions")
    for service in ("intake", "sessions"):
        assert platform.ask(service, _DESTROYED, f"%{p}%") == [(1,)]
    platform.settle()
