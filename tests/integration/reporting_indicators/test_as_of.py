"""A report as of a position says what was known then, whatever came later."""

from __future__ import annotations

import psycopg2
import pytest
from indicator_history import History

from miriam_reporting.reports import PositionBeyondHead, UnknownEdition, compute


def test_a_correction_changes_the_figure_from_its_own_position_on(history: History) -> None:
    history.enrol("alpha:w1")
    held = history.fact("session.held", participation="alpha:w1", duration_minutes=60)
    first = history.head
    history.correct(held, duration_minutes=90)
    second = history.head
    history.correct(held, occurred_on="2023-01-01")
    third = history.head
    history.retract(held)
    assert history.count("I08", "measure=hours", as_of=first) == (60, None, "1.00", {})
    assert history.count("I08", "measure=hours", as_of=second) == (90, None, "1.50", {})
    assert history.count("I08", as_of=third) == (0, None, 0, {"outside_edition": 1})
    assert history.count("I08") == (0, None, 0, {})


def test_a_corrected_edition_judges_its_facts_anew(history: History) -> None:
    history.enrol("alpha:w1", on="2023-08-15")
    before = history.head
    history.correct(next(iter(history.ledger.facts)), starts_on="2023-08-01")
    assert history.count("I01", as_of=before) == (0, 0, 0, {"enrolled_outside_edition": 1})
    assert history.count("I01") == (0, 1, 0, {})


def test_every_past_report_stays_as_it_was_while_the_ledger_grows(history: History) -> None:
    history.enrol("alpha:w1", "beta:w2")
    history.fact("session.held", participation="alpha:w1")
    then = history.report()
    history.enrol("gamma:w9", "alpha:w3")
    history.fact("person.linked", participation="alpha:w1", other="beta:w2")
    history.fact("session.held", participation="beta:w2")
    assert history.report(as_of=then.position).figures == then.figures
    assert history.report().figures != then.figures


def test_an_unknown_edition_is_an_error_that_names_those_that_exist(history: History) -> None:
    history.fact("edition.opened", edition="2024")
    history.report()
    with pytest.raises(UnknownEdition, match="editions there: 2023, 2024") as raised:
        history.report(edition="2031")
    assert raised.value.allowed == ("2023", "2024")
    with pytest.raises(UnknownEdition, match="editions there: none"):
        history.report(as_of=0)


def test_an_edition_is_unknown_before_it_was_opened_and_after_its_retraction(history: History) -> None:
    opened = history.fact("edition.opened", edition="2024")
    at = history.head
    history.retract(opened)
    assert history.report(as_of=at, edition="2024").position == at
    for position in (at - 1, None):
        with pytest.raises(UnknownEdition):
            history.report(as_of=position, edition="2024")


def test_a_position_beyond_what_is_projected_is_an_error(history: History) -> None:
    assert history.report().position == history.head
    with pytest.raises(PositionBeyondHead, match=rf"position {history.head + 1} is not in 0\.\.{history.head}"):
        history.report(as_of=history.head + 1)
    with pytest.raises(PositionBeyondHead):
        history.report(as_of=-1)


def test_a_report_leaves_the_connection_idle_and_nothing_behind(history: History) -> None:
    history.report()
    connection = history.database.app
    assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_class where relpersistence = 't' and relname like '%\\_at'")
        assert cursor.fetchone() == (0,)


def test_a_report_is_refused_inside_somebody_elses_transaction(history: History) -> None:
    history.report()
    connection = history.database.app
    try:
        connection.cursor().execute("select 1")
        with pytest.raises(ValueError, match="nor in a transaction"):
            compute(connection, "2023")
    finally:
        connection.rollback()
