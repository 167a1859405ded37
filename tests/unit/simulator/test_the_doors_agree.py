"""What the generator holds for true is what the contracts and the deciders answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import orjson
import pytest

from miriam_simulator import Scenario, scenario
from miriam_simulator.diary import Diary, Item
from miriam_simulator.refused import WAYS
from tests.unit.simulator.doors import Doors


def _played(scenario_: Scenario) -> Iterable[tuple[Diary, Item, str, str]]:
    """Each emission with its answer. First everybody's facts until the close, then what came after, as it is sent."""
    doors, diaries, close = Doors(), list(scenario_.diaries()), scenario_.edition.closed_on
    for wave in (lambda diary: diary.until(close), lambda diary: diary.since(close)):
        for diary in diaries:
            for item in wave(diary):
                yield diary, item, *doors.receive(orjson.dumps(item.event), diary.kind, diary.id)


@pytest.mark.parametrize(("name", "seed", "scale"), [("2023-2024", 1, 1.0), ("2023-2024", 5, 0.2), ("3.0", 1, 1.0)])
def test_every_emission_is_answered_as_the_generator_says(name: str, seed: int, scale: float) -> None:
    wrong = [
        (diary.id, item.event["id"], (item.expect, item.rule), (outcome, rule))
        for diary, item, outcome, rule in _played(scenario(name, seed, scale))
        if (outcome, rule) != (item.expect, item.rule)
    ]
    assert wrong == []


def test_an_edition_holds_every_way_to_be_refused_and_every_kind_of_answer() -> None:
    items = [item for diary in scenario("2023-2024").diaries() for item in diary.items]
    answers = Counter(item.expect for item in items)
    assert {way.rule for way in WAYS} | {"stale_version"} == {item.rule for item in items if item.expect == "refused"}
    assert answers["duplicate"] > 300
    assert answers["refused"] < 500


def test_corrections_of_corrections_and_retractions_by_both_kinds_of_emitter_occur() -> None:
    seen = set()
    for diary in scenario("2023-2024").diaries():
        for item in diary.items:
            data = item.event["data"]
            if "corrects" in data and item.expect == "recorded":
                seen.add((diary.kind, "again" if data["corrects"] != data["supersedes"] else "once"))
            elif "retracts" in data:
                seen.add((diary.kind, "retracted"))
    assert {("cpas", "once"), ("cpas", "again"), ("cpas", "retracted")} <= seen
    assert {("authority", "once"), ("authority", "retracted")} <= seen
