"""What a diff names for a re-matched unit did it: without those events, the unit mostly would not have changed so."""

from __future__ import annotations

import json
import random
from collections.abc import Collection

import pytest
from histories import seeded
from reporting_database import ReportingDatabase

from miriam_contracts.canonical import canonical
from miriam_reporting.reports import UnknownEdition
from miriam_reporting.reports.diff import diff

BEFORE = 200


def without(bodies: list[bytes], events: Collection[str]) -> list[bytes]:
    """The history as if these had never been, nor what corrects them: numbers close up."""
    gone, kept, numbers = set(events), [], dict[str, int]()
    for body in bodies:
        event = json.loads(body)
        if gone & {event["id"], event["data"].get("corrects"), event["data"].get("retracts")}:
            gone.add(event["id"])
            continue
        numbers[event["source"]] = event["sequence"] = numbers.get(event["source"], 0) + 1
        kept.append(canonical(event))
    return kept


@pytest.mark.timeout(1200)
def test_without_the_events_named_few_units_would_have_changed_so(reporting: ReportingDatabase) -> None:
    explained = asked = 0
    for seed in (14, 3, 4, 21):
        bodies = seeded(seed, 260)
        reporting.load(bodies)
        found = diff(reporting.app, "2023", BEFORE, len(bodies))
        cases = [(c.after, change) for c in found.figures for change in c.changes if change.cause == "re_matched"]
        for figure, change in random.Random(seed).sample(cases, min(12, len(cases))):
            less = without(bodies, [event.event_id for event in change.events])
            reporting.load(less)
            try:
                again = diff(reporting.app, "2023", BEFORE, len(less), codes=[figure.code]).figures
            except UnknownEdition:
                again = []
            same = [(c.unit, c.after) for each in again if each.after.by == figure.by for c in each.changes]
            asked += 1
            explained += (change.unit, change.after) not in same
    assert asked > 30
    assert explained >= asked * 3 / 4, (explained, asked)
