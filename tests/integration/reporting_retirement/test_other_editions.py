"""What an edition's retirement destroys changes no figure of another, at any position; and it destroys all it can."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from histories import histories, seeded
from history_defaults import person
from history_ledger import LedgerBuilder
from hypothesis import HealthCheck, Phase, given, settings
from reporting_database import ReportingDatabase
from retirement import emptied, retire, two_editions

from miriam_contracts.canonical import canonical
from miriam_reporting.facts import schema
from miriam_reporting.facts.comparison import differences
from miriam_reporting.facts.definitions import definition
from miriam_reporting.facts.projection import advance
from miriam_reporting.facts.schema import NEXT
from miriam_reporting.reports import UnknownEdition
from miriam_reporting.reports.diff import diff
from miriam_reporting.reports.errors import RetiredEdition


def reports(reporting: ReportingDatabase, edition: str, positions: list[int]) -> dict[int, bytes]:
    """The edition's report at each position at which it has one, as canonical text."""
    found = {}
    for position in positions:
        with suppress(UnknownEdition):
            found[position] = canonical({"figures": reporting.figures(edition, position)})
    return found


def unchanged(reporting: ReportingDatabase, bodies: list[bytes], retired: str, other: str, every: int) -> int:
    """Retire one edition and compare the other's reports before and after; how many leaves were emptied."""
    positions = sorted({*range(every, len(bodies) + 1, every), len(bodies)})
    reporting.load(bodies)
    before = reports(reporting, other, positions)
    retire(reporting, bodies, retired)
    assert reports(reporting, other, positions) == before
    return len(emptied(reporting))


# Without shrinking: each example computes reports at five positions, twice.
@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(bodies=histories())
def test_no_figure_of_the_other_edition_changes_in_any_history(
    reporting: ReportingDatabase, bodies: list[bytes]
) -> None:
    unchanged(reporting, bodies, "2023", "2024", max(1, len(bodies) // 4))


@pytest.mark.parametrize(("retired", "other"), [("2023", "2024"), ("2024", "2023")])
def test_no_figure_of_the_other_edition_changes_in_a_long_history(
    reporting: ReportingDatabase, retired: str, other: str
) -> None:
    assert unchanged(reporting, seeded(5, 700, copies=3), retired, other, 175) > 0


def without_events(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: without_events(value) for name, value in told.items() if name != "events"}
    return [without_events(value) for value in told] if isinstance(told, list) else told


def test_what_changed_between_two_positions_of_the_other_edition_stays_told(reporting: ReportingDatabase) -> None:
    bodies = seeded(5, 500, copies=2)
    half, end = len(bodies) // 2, len(bodies)
    reporting.load(bodies)
    before = diff(reporting.app, "2024", half, end).as_json()
    assert before["figures"]
    retire(reporting, bodies, "2023")
    after = diff(reporting.app, "2024", half, end).as_json()
    # Figures, parts, causes and units are the same; events of the other edition that touched her are told no more.
    assert without_events(after) == without_events(before)


def test_nothing_is_compared_of_a_retired_edition(reporting: ReportingDatabase) -> None:
    ledger = two_editions()
    course(ledger, "alpha:w1", "spp:p1", 1, "2023-10-02")
    retire(reporting, ledger.bodies, "2023")
    with pytest.raises(RetiredEdition):
        diff(reporting.app, "2023", 5, len(ledger.bodies))


def test_when_the_last_edition_goes_what_was_spared_goes_too(reporting: ReportingDatabase) -> None:
    bodies = seeded(5, 500, copies=2)
    retire(reporting, bodies, "2023")
    first = emptied(reporting)
    retire(reporting, bodies, "2023", "2024")
    both = emptied(reporting)
    assert first < both
    left = [body for position, body in enumerate(bodies, 1) if position not in both]
    # Only what names a project that nobody approved for one of these editions, or links those, is left of persons.
    assert not any(b'"project":"spp:p1"' in b and b'"type":"miriam.session.held.v1"' in b for b in left)


def test_facts_filled_anew_from_emptied_leaves_are_the_same(reporting: ReportingDatabase) -> None:
    retire(reporting, seeded(8, 400, copies=2), "2023")
    owner, made = reporting.owner, definition()
    with owner.cursor() as cursor:
        cursor.execute("select position from facts.checkpoint")
        (position,) = cursor.fetchone() or (0,)
        cursor.execute("select current_user")
        (role,) = cursor.fetchone() or ("",)
    try:
        schema.create_tables(owner, NEXT, made, str(role))
        advance(owner, NEXT, made, 0, int(position))
        for table in made.tables:
            assert differences(owner, table, int(position)) == []
    finally:
        owner.rollback()


def course(ledger: LedgerBuilder, participation: str, project: str, woman: int, on: str) -> range:
    """A participation with some facts; the positions of its leaves."""
    first = len(ledger.bodies) + 1
    named = {"participation": participation, "project": project, "occurred_on": on}
    ledger.record("participation.enrolled", person=person(woman), **named)
    held = ledger.record("session.held", **named)
    ledger.correct(held, duration_minutes=90)
    ledger.record("assessment.completed", **named)
    ledger.retract(ledger.record("session.missed", **named))
    ledger.record("participation.ended", **named)
    return range(first, len(ledger.bodies) + 1)


def test_every_leaf_of_the_edition_goes_and_no_other(reporting: ReportingDatabase) -> None:
    ledger = two_editions()
    mine = course(ledger, "alpha:w1", "spp:p1", 1, "2023-10-02")
    course(ledger, "alpha:w2", "spp:p3", 2, "2024-10-02")
    ledger.record("project.payment_made", project="spp:p1")
    leaves = retire(reporting, ledger.bodies, "2023")
    assert emptied(reporting) == set(mine)
    with reporting.app, reporting.app.cursor() as cursor:
        cursor.execute("select edition, because_of, sum(leaves) from ledger.retirement group by 1, 2")
        assert cursor.fetchall() == [("2023", len(leaves), len(mine))]
        cursor.execute("select count(*) from facts.session where project = 'spp:p1'")
        assert cursor.fetchone() == (0,)
        cursor.execute("select project, subject from facts.mention")
        assert set(cursor.fetchall()) == {("spp:p3", "alpha:w2")}


def links(*pairs: tuple[str, str]) -> Any:
    """A history in which w1 and w2 (2023) are of persons 1 and 2, w3 (2023) of person 2, w4 (2024) of person 3."""
    ledger = two_editions()
    for number, project, woman, on in (
        (1, "spp:p1", 1, "2023-10-02"), (2, "spp:p1", 2, "2023-10-02"), (3, "spp:p1", 2, "2023-10-02"),
        (4, "spp:p3", 3, "2024-10-02"),
    ):  # fmt: skip
        given = {"participation": f"alpha:w{number}", "project": project, "occurred_on": on, "person": person(woman)}
        ledger.record("participation.enrolled", **given)
    first = len(ledger.bodies) - 3
    for one, other in pairs:
        ledger.record("person.linked", participation=f"alpha:{one}", other=f"alpha:{other}")
    return ledger, first


def test_enrolments_that_tell_who_a_woman_of_another_edition_is_are_spared(reporting: ReportingDatabase) -> None:
    # w4 is linked to w3, whose person is w2's, who is linked to w1: she counts under the name of person 1.
    ledger, first = links(("w1", "w2"), ("w3", "w4"))
    retire(reporting, ledger.bodies, "2023")
    assert emptied(reporting) == set()
    assert reporting.evidence("2024", "I16", "employment=unemployed")
    assert {row.unit for row in reporting.evidence("2024", "D06", "kind=re_entry")} == {person(1)}
    retire(reporting, ledger.bodies, "2023", "2024")
    assert emptied(reporting) == set(range(first, first + 6))


def test_links_within_the_edition_go_with_it(reporting: ReportingDatabase) -> None:
    ledger, first = links(("w1", "w2"))
    retire(reporting, ledger.bodies, "2023")
    assert emptied(reporting) == {first, first + 1, first + 2, first + 4}


def test_a_fact_that_was_ever_of_another_edition_stays_whole(reporting: ReportingDatabase) -> None:
    ledger = two_editions()
    ledger.record("participation.enrolled", participation="alpha:w2", project="spp:p3", occurred_on="2024-10-02")
    held = ledger.record("session.held", participation="alpha:w2", project="spp:p1", occurred_on="2024-10-03")
    ledger.correct(held, project="spp:p3")
    retire(reporting, ledger.bodies, "2023")
    assert emptied(reporting) == set()
    figures = reporting.figures("2024", None, ("total",), ["I08"])
    assert figures[0]["value"] == 1


def test_a_project_that_was_ever_of_another_edition_stays(reporting: ReportingDatabase) -> None:
    ledger = two_editions()
    approved = ledger.record("project.approved", project="spp:p2", cpas="alpha", edition="2024")
    ledger.record("participation.enrolled", participation="alpha:w1", project="spp:p2", occurred_on="2024-10-02")
    at = len(ledger.bodies)
    ledger.correct(approved, edition="2023")
    retire(reporting, ledger.bodies, "2023")
    assert emptied(reporting) == set()
    assert reporting.figures("2024", at, ("total",), ["I01"])[0]["denominator"] == 1
