"""In whatever order events of different services reach the ledger, the figures are the same (law 5)."""

from __future__ import annotations

import random

import pytest
from histories import histories, interleave, seeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase
from test_two_implementations_agree import UNSHRUNK, by_reference, by_reporting, differences

EDITIONS = ("2023", "2024")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), shuffle=st.randoms(use_true_random=False))
def test_the_verifier_gives_the_same_figures_in_any_order_between_sources(
    bodies: list[bytes], shuffle: random.Random
) -> None:
    other = interleave(bodies, shuffle)
    for edition in EDITIONS:
        first, second = by_reference(bodies, edition, None), by_reference(other, edition, None)
        assert first == second, differences(first, second)


@pytest.mark.timeout(1200)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), shuffle=st.randoms(use_true_random=False))
def test_reporting_gives_the_same_figures_in_any_order_between_sources(
    reporting: ReportingDatabase, bodies: list[bytes], shuffle: random.Random
) -> None:
    found = []
    for leaves in (bodies, interleave(bodies, shuffle)):
        reporting.load(leaves)
        found.append([by_reporting(reporting, edition, None) for edition in EDITIONS])
    for first, second in zip(*found, strict=True):
        assert first == second, differences(first, second)


@pytest.mark.parametrize("batch", [1, 13, 500])
def test_reporting_gives_the_same_figures_however_its_batches_are_cut(reporting: ReportingDatabase, batch: int) -> None:
    bodies = seeded(11, 400)
    reporting.load(bodies, batch=batch)
    for edition in EDITIONS:
        expected = by_reference(bodies, edition, None)
        assert by_reporting(reporting, edition, None) == expected


def test_a_whole_source_that_comes_last_changes_nothing(reporting: ReportingDatabase) -> None:
    """Sessions and groups are recorded before intake has told of anybody: all unmatched, until it has."""
    bodies = seeded(12, 400)
    late = sorted(bodies, key=lambda body: b'"source":"/services/intake"' in body)
    intake = sum(b'"source":"/services/intake"' in body for body in bodies)
    reporting.load(late)
    for edition in EDITIONS:
        assert by_reporting(reporting, edition, len(bodies) - intake) == ["no report"]
        assert by_reporting(reporting, edition, None) == by_reference(bodies, edition, None)
