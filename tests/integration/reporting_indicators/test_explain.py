"""Every figure leads to the events behind it, and they add up to it."""

from __future__ import annotations

import random

import pytest
from histories import seeded
from indicator_history import History
from reporting_database import ReportingDatabase

from miriam_reporting.indicators.definitions import Section, indicators
from miriam_reporting.reports import LEVELS, Evidence, Figure, NoSuchPart, UnknownIndicator, compute, explain


def test_the_evidence_of_a_share_names_events_and_positions(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    first = history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-05")
    history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-06")
    correction = history.correct(first, duration_minutes=30)
    found = history.explain("I01")
    enrolled = [fact.first_id for fact in history.ledger.facts.values() if fact.kind == "participation.enrolled"]
    told = [(row.event_id, row.position, row.counted) for row in found.evidence]
    assert told == [
        (enrolled[0], 7, "numerator"),
        (correction, history.head, "numerator"),  # the version that stands is named by the event that made it
        (enrolled[1], 8, "denominator"),
    ]
    assert (found.figure.numerator, found.figure.denominator, found.position) == (1, 2, history.head)


def test_what_was_excluded_is_explained_with_its_reason(history: History) -> None:
    session = history.fact("session.held", participation="alpha:w1")
    row = history.explain("I08", level="cpas", value="alpha").evidence[0]
    assert (row.event_id, row.counted, row.reason, row.cpas) == (session, "excluded", "not_enrolled", "alpha")


def test_a_numerator_of_another_part_is_a_denominator_of_this_one(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2")
    for participation, reason in (("alpha:w1", "moved"), ("alpha:w2", "health")):
        history.fact("participation.ended", participation=participation, reason=reason, occurred_on="2024-01-01")
    found = history.explain("I11", "reason=health")
    assert {(row.unit, row.counted) for row in found.evidence} == {
        ("alpha:w1", "denominator"),
        ("alpha:w2", "numerator"),
    }


def test_a_figure_without_part_explains_its_first(history: History) -> None:
    found = history.explain("I05")
    assert found.figure.by == {"domain": "finances"}
    assert found.parts[:2] == ["domain=finances", "domain=social_support"]


def test_where_nothing_stands_the_figure_has_no_rows(history: History) -> None:
    found = history.explain("I01", level="cpas", value="nowhere")
    assert (found.figure.numerator, found.figure.denominator, found.evidence) == (0, 0, [])


def test_unknown_indicators_and_parts_are_errors_that_name_what_exists(history: History) -> None:
    with pytest.raises(UnknownIndicator, match="I01, I02"):
        history.explain("I99")
    with pytest.raises(NoSuchPart, match="kind=re_entry, kind=move"):
        history.explain("D06", "kind=other")


@pytest.mark.parametrize("seed", [3, 4])
def test_evidence_adds_up_to_every_figure_of_a_random_history(indicator_database: ReportingDatabase, seed: int) -> None:
    indicator_database.load(seeded(seed, 700))
    figures = compute(indicator_database.app, "2023", None, LEVELS).figures
    chosen = random.Random(seed).sample([figure for figure in figures if figure.denominator or figure.excluded], 60)
    for figure in chosen:
        level = next((name for name in LEVELS[1:] if name in figure.by), "total")
        part = next((f"{key}={value}" for key, value in figure.by.items() if key not in LEVELS), "")
        found = explain(indicator_database.app, "2023", figure.code, part, level, figure.by.get(level, ""))
        assert found.figure == figure
        assert _added_up(indicators()[figure.code].section_of(part), list(found.evidence)) == _told(figure)


def _told(figure: Figure) -> tuple[int | None, int | None, dict[str, int]]:
    return figure.numerator, figure.denominator, dict(figure.excluded or ())


def _added_up(section: Section, rows: list[Evidence]) -> tuple[int | None, int | None, dict[str, int]]:
    """Numerator, denominator and excluded by the words of COUNTING.md, from the rows alone."""
    numerators = [row for row in rows if row.counted == "numerator"]
    units = {row.unit for row in numerators}
    below = {row.unit for row in rows if row.counted == "denominator"}
    excluded: dict[str, set[str]] = {}
    for row in rows:
        if row.counted == "excluded" and row.unit not in units | below:
            excluded.setdefault(row.reason or "", set()).add(row.unit)
    left_out = {reason: len(found) for reason, found in excluded.items()}
    total = sum({(row.unit, row.event_id): row.amount or 0 for row in numerators}.values())
    match section.kind:
        case "share":
            return len(units), len(units | below), left_out
        case "count":
            return len(units), None, left_out
        case "sum":
            return total, None, left_out
        case "per_unit":
            return total, len(below), left_out
        case "mean":
            return total, len(units), left_out
        case "median":
            return None, len(units), left_out
        case "paired":
            scores = {(row.unit, row.reason): row.amount or 0 for row in numerators}
            changes = [scores[unit, "end"] - scores[unit, "start"] for unit in units]
            return sum(changes), len(changes), left_out
