"""What schemathesis makes of the OpenAPI documents, and spoilt events, at each HTTP door: a small `make fuzz`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from running_platform import RunningPlatform
from schema_fuzzing import OTHERS, TARGETS
from watching import OUTCOMES

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz" / "parts"))

from http_part import Doors, prepare
from http_shooting import HttpShooting

SEED = 20232
EVENTS = 1_500


@pytest.fixture(scope="module")
def doors(platform: RunningPlatform) -> Doors:
    return prepare(platform)


def test_each_service_keeps_its_documents_whoever_asks(doors: Doors) -> None:
    inside = [target for target in TARGETS if target.document != "door"]
    at_doors = [target for target in TARGETS if target.document == "door"]
    sent = doors.documents(inside, SEED, 0, 4, lambda _: None, bounds=True)
    sent += doors.documents((*at_doors, *OTHERS), SEED, 0, 6, lambda _: None, bounds=False)
    assert doors.look(), doors.findings
    assert sent > 1000
    seen = {status for status in doors.statuses if status.startswith(("front", "reporting"))}
    assert seen >= {"front 200", "front 400", "front 401", "front 403", "front 404", "reporting 400", "reporting 404"}


def test_each_spoilt_event_has_one_receipt_with_its_reasons(doors: Doors) -> None:
    doors.watch.outcomes.clear()
    doors.events(HttpShooting(doors.emitters, SEED), EVENTS, lambda _: None)
    assert doors.look(), doors.findings
    # All three, and many rules: else this would say little.
    assert min(doors.watch.outcomes[name] for name in OUTCOMES) > 10, doors.watch.outcomes
    assert len(doors.watch.codes) > 25, doors.watch.codes
