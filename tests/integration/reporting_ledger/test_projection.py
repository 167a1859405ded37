"""What the fact tables say of leaves, at any position, however the leaves were cut into batches."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_reporting.facts import project
from miriam_reporting.facts.definitions import definition
from miriam_reporting.ledger.load import load_leaves

WOMAN = "anderlecht:p-1"


def project_all(connection: Connection, batch: int = 500) -> None:
    while project(connection, batch):
        connection.commit()
    connection.commit()


def rows(connection: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        found = cursor.fetchall()
    connection.commit()
    return found


def minutes_at(connection: Connection, position: int) -> list[int]:
    return [
        row[0]
        for row in rows(
            connection,
            "select duration_minutes from facts.session"
            " where from_position <= %s and until_position > %s and not retracted order by 1",
            position,
            position,
        )
    ]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_correction_counts_from_its_own_position_on(owner: Connection, recorder: Any, batch: int) -> None:
    first = recorder.session(WOMAN, minutes=60)
    recorder.session(WOMAN, "anderlecht:s-2", minutes=30)
    replacement = {
        "project": "authority:pr-1", "participation": WOMAN, "session": "anderlecht:s-1", "duration_minutes": 90,
        "place": "home", "theme": "housing", "case_manager": "anderlecht:cm-1", "occurred_on": "2024-01-30",
    }  # fmt: skip
    # Half past eleven at night, UTC, is the next day in Brussels.
    change = recorder.corrected("session.held", WOMAN, first, replacement, time="2024-03-31T22:30:00.000000Z")
    load_leaves(owner, recorder.bodies["sessions"])
    project_all(owner, batch)

    assert [minutes_at(owner, position) for position in (0, 1, 2, 3, 99)] == [[], [60], [30, 60], [30, 90], [30, 90]]
    query = "select occurred_on, noted_on, place, first_id::text from facts.session where event_id = %s"
    assert rows(owner, query, change) == [(dt.date(2024, 1, 30), dt.date(2024, 4, 1), "home", first)]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_retraction_ends_the_last_version_and_tells_what_it_was(owner: Connection, recorder: Any, batch: int) -> None:
    first = recorder.session(WOMAN, minutes=60)
    replacement = {
        "project": "authority:pr-1", "participation": WOMAN, "session": "anderlecht:s-1", "duration_minutes": 90,
        "place": "home", "theme": "housing", "case_manager": "anderlecht:cm-1",
    }  # fmt: skip
    recorder.corrected("session.held", WOMAN, first, replacement)
    recorder.retracted("session.held", WOMAN, first, time="2024-05-01T10:00:00.000000Z")
    load_leaves(owner, recorder.bodies["sessions"])
    project_all(owner, batch)

    assert [minutes_at(owner, position) for position in (1, 2, 3)] == [[60], [90], []]
    assert rows(
        owner,
        "select from_position, until_position, duration_minutes, noted_on from facts.session where retracted",
    ) == [(3, 9223372036854775807, 90, dt.date(2024, 5, 1))]


def test_a_group_session_corrected_to_nobody_leaves_no_attendance(owner: Connection, recorder: Any) -> None:
    session = {
        "project": "authority:pr-1", "group": "anderlecht:g-1", "groupsession": "anderlecht:gs-1",
        "duration_minutes": 120, "theme": "health", "case_manager": "anderlecht:cm-1",
        "present": [WOMAN, "anderlecht:p-2"], "excused": ["jette:p-3"], "absent": [],
    }  # fmt: skip
    first = recorder.event("groupsession.held", "anderlecht:g-1", session)
    recorder.corrected("groupsession.held", "anderlecht:g-1", first, {**session, "present": [], "excused": []})
    recorder.retracted("groupsession.held", "anderlecht:g-1", first)
    load_leaves(owner, recorder.bodies["groups"])
    project_all(owner)

    query = (
        "select participation, presence, cpas, group_cpas from facts.attendance"
        " where from_position <= %s and until_position > %s order by 1"
    )
    assert rows(owner, query, 1, 1) == [
        (WOMAN, "present", "anderlecht", "anderlecht"),
        ("anderlecht:p-2", "present", "anderlecht", "anderlecht"),
        ("jette:p-3", "excused", "jette", "anderlecht"),
    ]
    assert rows(owner, query, 2, 2) == []
    assert rows(owner, query, 3, 3) == []
    assert rows(owner, "select present, excused, absent from facts.group_session order by from_position") == [
        (2, 1, 0), (0, 0, 0), (0, 0, 0),
    ]  # fmt: skip


def test_every_fact_of_the_catalogue_that_figures_rest_on_has_one_table() -> None:
    held = [fact for table in definition().tables for fact in table.facts if table.name != "attendance"]
    assert sorted(held) == sorted(set(held))
    without = {t.routing_key for t in EVENT_TYPES.values() if t.fact not in ("corrected", "retracted")} - set(held)
    # What was destroyed or wiped changes no figure, and a report is made of figures.
    assert without == {
        "person.erased", "key.destroyed", "door.wiped",
        "report.drafted", "report.signed", "report.published", "report.reopened", "report.restated",
    }  # fmt: skip
