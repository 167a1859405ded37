"""Whichever version of session.held a maker speaks, the same facts give the same figures, and the same evidence."""

from __future__ import annotations

import random
from typing import Any

import pytest
from histories import histories, seeded
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase
from retelling import retold
from test_two_implementations_agree import by_reference, by_reporting

import miriam_verify
from miriam_contracts.fields import minutes

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
PARTS = ("", "measure=hours", "measure=median_per_woman")


def versions(bodies: list[bytes]) -> dict[bytes, int]:
    return {
        name: sum(body.count(b'"type":"miriam.session.' + name + b'"') for body in bodies)
        for name in (b"held.v1", b"held.v2", b"corrected.v1", b"corrected.v2")
    }


@given(bodies=histories(), seed=st.integers(0, 2**16))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_verifier_gives_the_same_figures_of_facts_told_again(bodies: list[bytes], seed: int) -> None:
    again = retold(bodies, random.Random(seed))
    for edition in ("2023", "2024"):
        for as_of in (None, len(bodies) // 2):
            assert by_reference(again, edition, as_of) == by_reference(bodies, edition, as_of)


@pytest.mark.timeout(1200)
@given(bodies=histories(), data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
def test_reporting_gives_the_same_figures_of_facts_told_again(
    reporting: ReportingDatabase, bodies: list[bytes], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(bodies)), "as of")
    told: list[Any] = []
    for some in (bodies, retold(bodies, random.Random(data.draw(st.integers(0, 9), "retold")))):
        reporting.load(some, batch=data.draw(st.sampled_from((500, 7)), "batch"))
        told.append([by_reporting(reporting, edition, at) for edition in ("2023", "2024") for at in (None, position)])
    assert told[0] == told[1]


@pytest.mark.timeout(1200)
def test_a_long_history_told_again_gives_the_same_figures_and_evidence(reporting: ReportingDatabase) -> None:
    bodies = seeded(1, 2_000, copies=4)
    again = retold(bodies, random.Random(1))
    assert versions(bodies)[b"held.v2"] == versions(bodies)[b"corrected.v2"] == 0
    assert min(versions(again).values()) > 20
    told = []
    for some in (bodies, again):
        reporting.load(some)
        told.append((reporting.figures("2023"), [reporting.evidence("2023", "I08", part) for part in PARTS]))
        assert miriam_verify.figures(some, "2023", None) == told[-1][0]
    assert told[0] == told[1]
    assert len(told[0][1][1]) > 50


@given(st.integers(1, 720))
def test_the_verifier_reads_the_minutes_of_any_duration(length: int) -> None:
    hours, rest = divmod(length, 60)
    text = "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "")
    payload = {"occurred_on": "2023-10-02", "participation": "alpha:w1", "project": "spp:p1", "duration": text}
    miriam_verify.check_payload("session.held", payload, "v2")
    fact = miriam_verify.Fact("session.held", "a", "a", "", payload, 1)
    assert miriam_verify.minutes_of(fact) == minutes(text) == length
