"""An inbox with ten thousand takes no more: the emitter slows down, and once the service is back nothing is missing."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import replace

from attacker import Attacker
from flooding import Flood, good, repeated
from running_platform import RunningPlatform

from miriam_emitter import Emitter, Progress, Settings
from miriam_local.definitions import INBOX_LENGTH
from miriam_local.processes import wait_until

CPAS = "anderlecht"
WOMEN = 100
GOALS = 6
SECONDS = 120.0
# A share of the window at the first burst, then one for each pause, which doubles.
FEW_NACKS = 400 + 60


def test_a_full_inbox_slows_the_emitter_down_and_loses_nothing(platform: RunningPlatform) -> None:
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    platform.miriam("cpas", "add", CPAS)
    # What others sent before may still be taken in: this is about what this one sends from now on.
    before = platform.recorded()["sessions"]
    flooder, make = Attacker(platform, CPAS), good("session.held")
    platform.supervisor.stop(["sessions"])
    with Flood(flooder, "sessions", repeated(lambda number: make(flooder, number)), 10 * INBOX_LENGTH) as flood:
        # The broker counts roughly: what is on its way when the cap is reached still comes in.
        assert wait_until(lambda: flood.nacked > 0 and flood.waiting() >= INBOX_LENGTH, SECONDS, 0.1)
        flood.keep_what_is_there()
    full = flood.waiting()
    assert INBOX_LENGTH <= full < 1.2 * INBOX_LENGTH

    events = [goal(woman, number) for number in range(GOALS) for woman in range(WOMEN)]
    settings = replace(Settings.load(CPAS, home=platform.home), timeout=10 * SECONDS)
    seen: list[Progress] = []
    ends: list[Progress] = []
    with Emitter(settings) as emitter:
        emitter.put(events)
        thread = threading.Thread(target=lambda: ends.append(emitter.run(progress=seen.append, patience=2 * SECONDS)))
        thread.start()
        assert wait_until(lambda: bool(seen) and seen[-1].total.nacked > 0, SECONDS, 0.1)
        # It goes on trying, at its leisure; nothing gets in.
        threading.Event().wait(4)
        assert 0 < seen[-1].total.nacked < FEW_NACKS
        assert (flood.waiting(), seen[-1].total.answered) == (full, 0)
        platform.supervisor.begin(["sessions"])
        thread.join(2 * SECONDS)
        assert ends, "the emitter did not end"
    assert (ends[0].total.recorded, ends[0].waiting) == (len(events), 0)

    rows = platform.ask(
        "sessions",
        "select type, origin_id from event_store.event where sequence > %s and origin = %s order by sequence",
        before,
        f"/cpas/{CPAS}",
    )
    assert Counter(kind for kind, _ in rows) == {"miriam.session.held.v1": full, "miriam.goal.set.v1": len(events)}
    recorded = [event_id for kind, event_id in rows if kind == "miriam.goal.set.v1"]
    for woman in range(WOMEN):
        ids = [event["id"] for event in events if event["subject"] == f"{CPAS}:full-{woman}"]
        assert [each for each in recorded if each in set(ids)] == ids


def goal(woman: int, number: int) -> dict[str, object]:
    """One of a woman's goals."""
    subject = f"{CPAS}:full-{woman}"
    return {
        "type": "miriam.goal.set.v1",
        "id": f"full-{woman}-{number}",
        "subject": subject,
        "time": "2023-10-02T14:05:00Z",
        "data": {
            "project": "spp-is:2023-anderlecht-1",
            "participation": subject,
            "goal": f"{CPAS}:full-{woman}-{number}",
            "occurred_on": "2023-10-02",
            "domain": "housing",
        },
    }
