"""What was destroyed is told as the services said it, with proofs; and what is held, by kind and number alone."""

from __future__ import annotations

from typing import Any

import pytest
from history_defaults import person
from indicator_history import History
from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.event.proving import NotProved
from miriam_reporting.facts.definitions import definition
from miriam_reporting.privacy import erasures, women
from miriam_reporting.privacy.held import TABLES, held_of
from miriam_transparency import merkle


@pytest.fixture
def app(history: History) -> Connection:
    history.enrol("alpha:w1", "beta:w2")
    history.enrol("beta:w3", woman=1)
    return history.database.app


def destroyed(history: History, service: str, participation: str, because_of: str, blocks: int) -> str:
    given: dict[str, Any] = {"participation": participation, "because_of": because_of, "blocks": blocks}
    return history.ledger.record("key.destroyed", service=service, **given)


def test_each_statement_of_a_service_is_told_with_a_proof_that_holds(history: History, app: Connection) -> None:
    erasure = history.fact("person.erased", person=person(1), ground="consent_withdrawn", participation="alpha:w1")
    other = history.fact("person.erased", person=person(2))
    said = [
        destroyed(history, "intake", "alpha:w1", erasure, 2),
        destroyed(history, "intake", "beta:w2", other, 1),
        destroyed(history, "sessions", "alpha:w1", erasure, 7),
    ]
    history.report()
    found = erasures.destruction_of(app, person(1))
    app.rollback()
    assert found is not None
    assert (found.erasure.event_id, found.erasure.ground, found.erasure.participation) == (
        erasure, "consent_withdrawn", "alpha:w1",
    )  # fmt: skip
    assert [(each.event_id, each.service, each.participation, each.blocks) for each in found.statements] == [
        (said[0], "intake", "alpha:w1", 2), (said[2], "sessions", "alpha:w1", 7),
    ]  # fmt: skip
    leaves = [merkle.leaf_hash(body) for body in history.ledger.bodies]
    root = merkle.root(leaves)
    for position in (found.erasure.position, *(each.position for each in found.statements)):
        proven = found.proofs[position]
        assert proven.leaf == leaves[position - 1]
        merkle.verify_inclusion(proven.leaf, position - 1, len(leaves), proven.path, root)


def test_a_statement_that_the_tree_does_not_hold_is_not_told(history: History, app: Connection) -> None:
    erasure = history.fact("person.erased", person=person(1))
    destroyed(history, "intake", "alpha:w1", erasure, 2)
    history.report()
    with history.database.owner as owner, owner.cursor() as cursor:
        cursor.execute(
            "update ledger.leaf set body = replace(body, '\"blocks\":2', '\"blocks\":9') where position = %s",
            (history.head,),
        )
        assert cursor.rowcount == 1
    with pytest.raises(NotProved):
        erasures.destruction_of(app, person(1))


def test_who_is_not_erased_has_nothing_destroyed(history: History, app: Connection) -> None:
    history.report()
    assert erasures.destruction_of(app, person(1)) is None
    assert erasures.newest(app, 10) == []


def test_erasures_are_listed_newest_first_a_page_at_a_time(history: History, app: Connection) -> None:
    for number in (1, 2, 3):
        history.fact("person.erased", person=person(number))
    history.report()
    first, second = erasures.newest(app, 2)
    assert [first.person, second.person] == [person(3), person(2)]
    assert [each.person for each in erasures.newest(app, 2, before=second.position)] == [person(1)]


def test_records_that_were_linked_are_one_woman_until_the_link_is_undone(history: History, app: Connection) -> None:
    history.fact("person.linked", participation="alpha:w1", other="beta:w2", occurred_on="2023-11-01")
    history.report()
    assert women.records_of(app, person(2)) == [person(2), person(1)]
    history.fact(
        "person.unlinked", participation="beta:w2", other="alpha:w1", occurred_on="2023-11-02", reason="different_women"
    )
    history.report()
    assert women.records_of(app, person(2)) == [person(2)]


def test_what_is_held_is_told_by_kind_and_number_and_where_a_name_may_lie_sealed(
    history: History, app: Connection
) -> None:
    kept = history.fact("session.held", participation="alpha:w1")
    history.correct(kept, duration_minutes=30)
    history.retract(history.fact("session.held", participation="alpha:w1", occurred_on="2023-10-09"))
    history.fact("session.held", participation="beta:w2")
    history.fact("assessment.completed", participation="beta:w3")
    history.report()
    found = {(each.participation, each.kind): each for each in held_of(app, [person(1)])}
    assert set(found) == {
        ("alpha:w1", "participation"), ("alpha:w1", "session"), ("beta:w3", "participation"), ("beta:w3", "assessment"),
    }  # fmt: skip
    sessions = found["alpha:w1", "session"]
    assert (sessions.facts, sessions.events, sessions.service, sessions.sealed) == (1, 4, "sessions", True)
    enrolled, asked = found["alpha:w1", "participation"], found["beta:w3", "assessment"]
    assert (enrolled.service, enrolled.sealed, asked.service, asked.sealed) == ("intake", True, "sessions", False)


def test_every_table_that_tells_of_a_participation_is_counted() -> None:
    assert {each.name for each in definition().tables if "  participation " in each.table} == set(TABLES)
