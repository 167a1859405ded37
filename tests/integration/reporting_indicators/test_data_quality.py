"""D01 to D04, D06 to D08: what the data say of themselves."""

from __future__ import annotations

import psycopg2
from indicator_history import History


def test_unmatched_facts_by_reason(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    history.fact("session.missed", participation="alpha:w2")
    history.fact("goal.set", participation="alpha:w1", project="spp:p2")
    history.fact("assessment.completed", participation="alpha:w1", project="spp:p9")
    history.fact("session.held", participation="alpha:w1", occurred_on="2024-08-01")  # out of range, yet matched
    assert history.count("D01") == (3, 5, "60.0", {})
    assert history.count("D01", "reason=not_enrolled") == (1, 5, "20.0", {})
    assert history.count("D01", "reason=project_differs") == (1, 5, "20.0", {})
    assert history.count("D01", "reason=project_unknown") == (1, 5, "20.0", {})
    assert history.count("D01", "reason=project_unknown", project="spp:p9") == (1, 1, "100.0", {})
    assert history.count("D01", "reason=project_unknown", project="spp:p1") == (0, 3, "0.0", {})


def test_facts_of_an_unknown_project_belong_to_every_edition_in_d01_alone(history: History) -> None:
    history.fact("edition.opened", edition="2024")
    history.fact("session.held", participation="alpha:w1", project="spp:p9")
    history.fact("goal.set", participation="alpha:w1", project="spp:p9", goal="alpha:o1")
    history.fact("goal.set", participation="alpha:w1", project="spp:p9", goal="alpha:o1")  # the same goal again
    for edition in ("2023", "2024"):
        figures = [figure for figure in history.report(edition=edition).figures if not figure.by]
        counted = {figure.code: figure.denominator for figure in figures if figure.denominator}
        assert counted.pop("D01") == 2
        assert set(counted) <= {"I02", "I03"}  # the projects themselves


def test_attendance_is_unmatched_for_the_group_the_membership_or_the_enrolment(history: History) -> None:
    history.enrol("alpha:w1", "alpha:w2", "alpha:w3", "alpha:w6", "beta:w5")
    formed = history.fact("group.formed", group="alpha:g1")
    join = {"group": "alpha:g1"}
    history.fact("group.joined", participation="alpha:w1", occurred_on="2023-10-10", **join)
    history.fact("group.joined", participation="alpha:w2", occurred_on="2023-10-02", **join)
    history.fact("group.left", participation="alpha:w2", occurred_on="2023-10-09", **join)
    history.fact("group.joined", participation="alpha:w3", occurred_on="2023-10-02", **join)
    history.fact("group.left", participation="alpha:w3", occurred_on="2023-10-04", **join)
    history.fact("group.joined", participation="alpha:w3", occurred_on="2023-10-06", **join)
    history.fact("group.joined", participation="alpha:w4", occurred_on="2023-10-02", **join)
    history.fact("group.joined", participation="alpha:w6", occurred_on="2023-10-02", **join)
    history.fact("group.left", participation="alpha:w6", occurred_on="2023-10-08", **join)
    women = [f"alpha:w{n}" for n in (1, 2, 3, 4, 6)]
    # On the 9th w1 has not joined yet, w2 leaves that day, w3 is back, w4 is not enrolled, w6 left the day before.
    history.fact("groupsession.held", occurred_on="2023-10-09", present=[*women, "beta:w5"], **join)
    before = history.head
    history.retract(formed)
    assert history.count("D01", as_of=before) == (4, 6, "66.7", {})
    assert history.count("D01", "reason=not_a_member", as_of=before) == (2, 6, "33.3", {})
    assert history.count("D01", "reason=not_enrolled", as_of=before) == (1, 6, "16.7", {})
    assert history.count("D01", "reason=outside_consortium", as_of=before) == (1, 6, "16.7", {})
    assert history.count("D01", "reason=group_retracted") == (6, 6, "100.0", {})


def test_incomplete_enrolments_by_variable(history: History) -> None:
    history.enrol("alpha:w1", employment="not_answered", education="not_available")
    history.enrol("alpha:w2", age_band="not_available")
    history.enrol("alpha:w3")
    assert history.count("D02") == (2, 3, "66.7", {})
    assert history.count("D02", "variable=employment") == (1, 3, "33.3", {})
    assert history.count("D02", "variable=age_band") == (1, 3, "33.3", {})


def test_a_fact_is_late_by_the_day_it_was_noted_in_brussels(history: History) -> None:
    history.enrol("alpha:w1")
    held = {"participation": "alpha:w1", "occurred_on": "2023-11-01"}
    history.fact("session.held", time="2023-11-04T22:59:59.000000Z", **held)  # the 4th, 23:59 in Brussels: 3 days
    history.fact("session.held", time="2023-11-04T23:00:00.000000Z", **held)  # the 5th: 4 days
    history.fact("goal.set", participation="alpha:w1", occurred_on="2023-11-01")
    assert history.count("D03") == (1, 4, "25.0", {})
    assert history.count("D03", "family=session") == (1, 2, "50.0", {})
    assert history.count("D03", "family=goal") == (0, 1, "0.0", {})
    assert history.count("D03", "family=participation") == (0, 1, "0.0", {})
    assert history.count("D03", "family=groupsession") == (0, 0, None, {})


def test_a_correction_is_noted_when_it_was_made(history: History) -> None:
    history.enrol("alpha:w1")
    first = history.fact("session.held", participation="alpha:w1")
    before = history.head
    history.ledger.correct(first, time="2023-12-01T10:00:00.000000Z", duration_minutes=45)
    assert history.count("D03", as_of=before) == (0, 2, "0.0", {})
    assert history.count("D03") == (1, 2, "50.0", {})


def test_what_happened_outside_the_edition(history: History) -> None:
    history.enrol("alpha:w1", on="2023-08-31")
    history.enrol("alpha:w2")
    history.fact("session.held", participation="alpha:w2", occurred_on="2024-07-01")
    history.fact("session.missed", participation="alpha:w2", occurred_on="2024-06-30")
    history.fact("groupsession.held", group="alpha:g1", occurred_on="2023-09-01")
    assert history.count("D04") == (2, 5, "40.0", {})


def test_women_who_came_back_moved_or_have_no_number(history: History) -> None:
    history.enrol("alpha:w1")
    history.enrol("alpha:w2", woman=1)
    history.enrol("alpha:w3")
    history.enrol("beta:w4", woman=3)
    history.enrol("alpha:w5", person_known_by="none")
    assert history.count("D06", "kind=re_entry") == (1, 3, "33.3", {})
    assert history.count("D06", "kind=move") == (1, 3, "33.3", {})
    assert history.count("D06", "kind=without_number") == (1, 3, "33.3", {})
    assert history.count("D06", "kind=move", cpas="beta") == (1, 1, "100.0", {})


def test_refusals_are_added_up_by_rule_and_emitter(history: History) -> None:
    counts = [("alpha", "wrong_type", 4), ("alpha", "required", 1), ("nobody", "required", 2), ("alpha", "required", 2)]
    told = [{"emitter": emitter, "rule": rule, "count": count} for emitter, rule, count in counts]
    history.ledger.record("door.tallied", service="sessions", first=1, last=9, counts=told)
    assert history.count("D07") == (9, None, 9, {})
    assert history.count("D07", "rule=required") == (5, None, 5, {})
    assert history.count("D07", "rule=required", cpas="alpha") == (3, None, 3, {})
    assert history.count("D07", "rule=required", region="brussels") == (3, None, 3, {})
    assert {figure.by.get("cpas") for figure in history.report().figures if figure.code == "D07"} == {
        None, "alpha", "nobody",
    }  # fmt: skip


def test_a_hole_in_a_services_numbers_is_counted(history: History) -> None:
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    assert history.count("D08") == (0, None, 0, {})
    assert history.count("D08", "source=sessions") == (0, None, 0, {})
    # What the ledger's own functions would refuse, written past them by its owner.
    owner: psycopg2.extensions.connection = history.database.owner
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)"
            " select position + 1, 'sessions', 4, gen_random_uuid(), 'miriam.key.destroyed.v1', '{}',"
            " sha256('\\x00'::bytea || convert_to('{}', 'UTF8')), '{}' from ledger.head"
        )
        cursor.execute("update facts.checkpoint set position = position + 1")
    assert history.count("D08") == (2, None, 2, {})
    assert history.count("D08", "source=sessions") == (2, None, 2, {})
    assert history.count("D08", "source=intake") == (0, None, 0, {})
