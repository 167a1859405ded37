"""The SQL of reporting and the plain Python of the verifier give the same figures from the same leaves.

They were written apart, from the counting rules alone. Where this test fails, that page decides who is right.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from histories import histories, seeded
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase
from retelling import retold
from shrinking import smallest

import miriam_verify
from miriam_reporting.reports.errors import PositionBeyondHead, UnknownEdition

NO_REPORT = ["no report"]
# Shrinking is done on the leaves, which is quicker: see shrinking.py.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


def by_reference(bodies: list[bytes], edition: str, as_of: int | None) -> list[Any]:
    try:
        return miriam_verify.figures(bodies, edition, as_of)
    except miriam_verify.NoSuchReport:
        return NO_REPORT


def by_reporting(reporting: ReportingDatabase, edition: str, as_of: int | None) -> list[Any]:
    try:
        return reporting.figures(edition, as_of)
    except (UnknownEdition, PositionBeyondHead):
        return NO_REPORT


def assert_they_agree(reporting: ReportingDatabase, bodies: list[bytes], edition: str, as_of: int | None) -> None:
    """`reporting` holds `bodies` already. What differs is told by the fewest events that show it."""
    if by_reference(bodies, edition, as_of) == by_reporting(reporting, edition, as_of):
        return

    def differ(some: list[bytes], position: int | None) -> bool:
        reporting.load(some)
        return by_reference(some, edition, position) != by_reporting(reporting, edition, position)

    leaves, position = smallest(bodies, as_of, differ)
    reporting.load(leaves)
    found = differences(by_reference(leaves, edition, position), by_reporting(reporting, edition, position))
    told = [f"{number} {as_told(leaf)}" for number, leaf in enumerate(leaves, start=1)]
    pytest.fail("\n".join([f"edition {edition} as of {position}", *found, *told]), pytrace=False)


def differences(ours: list[Any], theirs: list[Any]) -> list[str]:
    """What differs, figure by figure: `reference` against `reporting`."""
    if NO_REPORT in (ours, theirs):
        return [f"reference {ours[:1]}, reporting {theirs[:1]}"]
    left, right = ({json.dumps([f["code"], f["by"]]): f for f in side} for side in (ours, theirs))
    found = [
        f"{key}\n  reference {left.get(key)}\n  reporting {right.get(key)}"
        for key in dict.fromkeys((*left, *right))
        if left.get(key) != right.get(key)
    ]
    return found or ["the same figures in another order"]


def as_told(body: bytes) -> str:
    event = json.loads(body)
    return f"{event['type']} {event['id'][:8]} noted {event['time']} {json.dumps(event['data'])}"


@pytest.mark.timeout(1200)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), data=st.data())
def test_both_give_the_same_figures_of_any_history_as_of_any_position(
    reporting: ReportingDatabase, bodies: list[bytes], data: st.DataObject
) -> None:
    reporting.load(bodies, batch=data.draw(st.sampled_from((500, 7, 1)), "batch"))
    assert_they_agree(reporting, bodies, "2023", None)
    position = data.draw(st.integers(0, len(bodies) + 1), "as of")
    edition = data.draw(st.sampled_from(("2023", "2024")), "edition")
    assert_they_agree(reporting, bodies, edition, position)


@pytest.mark.timeout(1200)
def test_both_give_the_same_figures_of_many_seeded_histories(reporting: ReportingDatabase) -> None:
    for seed in range(100, 140):
        bodies = retold(seeded(seed, (60, 120, 250)[seed % 3], copies=1 + seed % 2), random.Random(seed))
        reporting.load(bodies)
        assert_they_agree(reporting, bodies, "2023", None)
        assert_they_agree(reporting, bodies, ("2023", "2024")[seed % 2], len(bodies) * (seed % 10) // 10)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(4))
def test_both_give_the_same_figures_of_a_history_of_thousands_of_events(
    reporting: ReportingDatabase, seed: int
) -> None:
    bodies = seeded(seed, 3_000, copies=(1, 3, 8, 20)[seed])
    reporting.load(bodies)
    for as_of in (None, 300, 1_000, 2_400):
        for edition in ("2023", "2024"):
            assert_they_agree(reporting, bodies, edition, as_of)
