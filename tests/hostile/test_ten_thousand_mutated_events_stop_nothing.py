"""Ten thousand spoilt events through the real door: each is answered once, and nothing that is ours stumbles.

`make fuzz` shoots a hundred thousand; what is looked at is the same (`tests/running/campaign.py`).
"""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from attacker import Attacker
from campaign import Campaign
from running_platform import RunningPlatform
from shooting import Shooting
from watching import OUTCOMES

MANY = 10_000
SEED = 20231
SECONDS = 240.0


@pytest.mark.timeout(600)
def test_ten_thousand_mutated_events_stop_nothing(
    platform: RunningPlatform, anderlecht: Attacker, authority: Attacker, schaerbeek: Attacker
) -> None:
    emitters = {
        f"/{a.kind}/{a.id}": a for a in (anderlecht, schaerbeek, authority, Attacker(platform, "spp-is-dpo", "dpo"))
    }
    began = time.monotonic()
    with closing(Campaign(platform, emitters)) as campaign:
        campaign.run(Shooting(emitters, SEED), MANY)
        assert time.monotonic() - began < SECONDS
        campaign.finish()
    # The mutations reach all three, and many rules: else this test would say little.
    assert min(campaign.watch.outcomes[name] for name in OUTCOMES) > 50, campaign.watch.outcomes
    assert len(campaign.watch.codes) > 30, campaign.watch.codes
    for attacker in (anderlecht, schaerbeek):
        attacker.records()
