"""Whatever a test CPAS sends, and whenever, no figure, no row of evidence and no line of a view is another for it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from histories import histories, seeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mixing import TESTER, mixed, of_a_test
from reporting_database import ReportingDatabase
from test_two_implementations_agree import NO_REPORT, UNSHRUNK, by_reference, by_reporting, differences

from miriam_reporting.audit.views import VIEWS, Question
from miriam_reporting.reports.errors import PositionBeyondHead, UnknownEdition
from miriam_verify import INDICATORS, Edition, NoSuchReport, Register, read_ledger

EDITIONS = ("2023", "2024")
# View 8 tells of the ledger itself: of its head, and how many leaves each service has.
OF_FACTS = [view for name, view in VIEWS.items() if name != "report"]


def reference_rows(bodies: list[bytes], edition: str, as_of: int) -> list[Any]:
    """Every row of evidence, as the verifier has it, in an order of their own."""
    try:
        found = Edition(Register(read_ledger(bodies, as_of)), edition)
    except NoSuchReport:
        return NO_REPORT
    return sorted(((item.code, row) for item in INDICATORS for row in item.rows(found)), key=repr)


def reporting_rows(reporting: ReportingDatabase, edition: str, as_of: int, real: Callable[[int], int]) -> list[Any]:
    """Every line of every view, the events behind the figures among them; positions as `real` has them."""
    found: list[Any] = []
    for view in OF_FACTS:
        try:
            answer = view.answer(reporting.app, Question(edition, as_of, seed="s"))
        except (UnknownEdition, PositionBeyondHead):
            return NO_REPORT
        where = [number for number, column in enumerate(view.columns) if column.name == "position"]
        for row in answer.rows:
            cells: list[Any] = list(row)
            for number in where:
                cells[number] = cells[number] and real(cells[number])
            found.append((view.name, cells))
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(real=histories(), other=histories(), seed=st.integers(0, 2**32))
def test_the_verifier_counts_nothing_of_a_test_cpas(real: list[bytes], other: list[bytes], seed: int) -> None:
    source = random.Random(seed)
    bodies, places = mixed(real, of_a_test(other, source), source)
    for position in {0, len(real) // 3, len(real)}:
        for edition in EDITIONS:
            first, second = (by_reference(*which) for which in (
                (real, edition, position), (bodies, edition, places[position])))  # fmt: skip
            assert first == second, differences(first, second)
            assert reference_rows(real, edition, position) == reference_rows(bodies, edition, places[position])


@pytest.mark.timeout(1200)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(real=histories(), other=histories(), seed=st.integers(0, 2**32))
def test_reporting_counts_nothing_of_a_test_cpas(
    reporting: ReportingDatabase, real: list[bytes], other: list[bytes], seed: int
) -> None:
    assert_nothing_shows(reporting, real, other, random.Random(seed))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [3, 7])
def test_reporting_counts_nothing_of_a_test_cpas_in_a_history_of_hundreds(
    reporting: ReportingDatabase, seed: int
) -> None:
    assert_nothing_shows(reporting, seeded(seed, 400), seeded(seed + 50, 400), random.Random(seed))


def assert_nothing_shows(
    reporting: ReportingDatabase, real: list[bytes], other: list[bytes], source: random.Random
) -> None:
    positions = {len(real), len(real) // 2}
    reporting.load(real)
    before = {
        (edition, position): (
            by_reporting(reporting, edition, position),
            reporting_rows(reporting, edition, position, lambda at: at),
        )
        for edition in EDITIONS
        for position in positions
    }
    bodies, places = mixed(real, of_a_test(other, source), source)
    back = {place: number for number, place in enumerate(places)}
    reporting.load(bodies, batch=source.choice((7, 500)))
    for (edition, position), (figures, rows) in before.items():
        now = by_reporting(reporting, edition, places[position])
        assert figures == now, differences(figures, now)
        found = reporting_rows(reporting, edition, places[position], back.__getitem__)
        assert [row for row in found if row not in rows] == [row for row in rows if row not in found] == []
        assert TESTER not in json.dumps(found)


def test_the_histories_could_show_it() -> None:
    """The same facts told by a real CPAS change figures: so the tests above can fail."""
    source = random.Random(5)
    real, told = seeded(4, 300), of_a_test(seeded(54, 300), source)
    honest = [
        body.replace(b'"origin":"/cpas/test-acme"', b'"origin":"/cpas/alpha"')
        for body in told
        if b'"supersedes"' not in body
    ]
    bodies, places = mixed(real, honest, random.Random(5))
    assert by_reference(real, "2023", len(real)) != by_reference(bodies, "2023", places[-1])
