"""Which version of a fact stands at a position, and which of several unique facts counts."""

import pytest
from hand_made import excluded, figure, ratio, small_edition
from history_defaults import person

from miriam_verify import NoSuchReport, UnreadableLeaf, figures


def test_a_correction_counts_from_its_own_position_on() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    held = ledger.record("session.held", duration_minutes=60)
    before = len(ledger.bodies)
    correction = ledger.correct(held, duration_minutes=90)
    ledger.correct(held, duration_minutes=30)
    assert ratio(ledger, "I08", before, measure="hours") == (60, None, "1.00")
    assert ratio(ledger, "I08", before + 1, measure="hours") == (90, None, "1.50")
    assert ratio(ledger, "I08", measure="hours") == (30, None, "0.50")
    assert correction != held


def test_a_retracted_fact_counts_no_more() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled")
    held = ledger.record("session.held")
    ledger.correct(held, duration_minutes=90)
    ledger.retract(held)
    assert ratio(ledger, "I08") == (0, None, 0)
    assert ratio(ledger, "I08", len(ledger.bodies) - 1) == (1, None, 1)


def test_what_rests_on_a_retracted_enrolment_is_left_out_by_that_name() -> None:
    ledger = small_edition()
    enrolled = ledger.record("participation.enrolled")
    ledger.record("session.held")
    ledger.retract(enrolled)
    assert excluded(ledger, "I08") == {"enrolment_retracted": 1}
    assert ratio(ledger, "D01", reason="enrolment_retracted") == (1, 1, "100.0")


def test_an_enrolment_that_replaces_a_retracted_one_counts() -> None:
    ledger = small_edition()
    ledger.retract(ledger.record("participation.enrolled"))
    ledger.record("participation.enrolled")
    ledger.record("session.held")
    assert ratio(ledger, "I01") == (1, 1, 1)


def test_of_two_enrolments_of_one_participation_the_first_by_day_counts_even_where_it_is_invalid() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", occurred_on="2023-10-02")
    ledger.record("participation.enrolled", occurred_on="2023-08-31")
    assert ratio(ledger, "I01") == (0, 0, 0)
    assert excluded(ledger, "I01") == {"enrolled_outside_edition": 1}


def test_facts_of_one_day_go_by_their_first_id() -> None:
    ledger = small_edition()
    first, second = sorted([ledger.record("participation.enrolled") for _ in range(2)])
    ledger.correct(second, employment="employed")
    ledger.correct(first, employment="inactive")
    assert ratio(ledger, "I16", employment="inactive") == (1, 1, "100.0")


def test_linked_participations_are_one_woman_until_they_are_unlinked() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", participation="alpha:w1", person=person(1))
    ledger.record("participation.enrolled", participation="alpha:w2", person=person(2))
    assert ratio(ledger, "I01")[1] == 2
    ledger.record("person.linked", participation="alpha:w2", other="alpha:w1", occurred_on="2023-11-01")
    assert ratio(ledger, "I01")[1] == 1
    ledger.record("person.unlinked", participation="alpha:w1", other="alpha:w2", occurred_on="2023-11-02")
    assert ratio(ledger, "I01")[1] == 2


def test_a_link_dated_after_the_unlinking_holds_whatever_came_first() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", participation="alpha:w1", person=person(1))
    ledger.record("participation.enrolled", participation="alpha:w2", person=person(2))
    ledger.record("person.linked", participation="alpha:w1", other="alpha:w2", occurred_on="2023-11-03")
    ledger.record("person.unlinked", participation="alpha:w1", other="alpha:w2", occurred_on="2023-11-02")
    assert ratio(ledger, "I01")[1] == 1


def test_links_reach_through_women_in_between() -> None:
    ledger = small_edition()
    for number in (1, 2, 3):
        ledger.record("participation.enrolled", participation=f"alpha:w{number}", person=person(4 - number))
    ledger.record("person.linked", participation="alpha:w1", other="alpha:w2")
    ledger.record("person.linked", participation="alpha:w3", other="alpha:w2")
    assert ratio(ledger, "I01")[1] == 1


def test_a_link_to_a_participation_without_enrolment_links_nobody() -> None:
    ledger = small_edition()
    ledger.record("participation.enrolled", participation="alpha:w1", person=person(1))
    ledger.record("participation.enrolled", participation="alpha:w3", person=person(3))
    ledger.record("person.linked", participation="alpha:w1", other="alpha:w2")
    ledger.record("person.linked", participation="alpha:w2", other="alpha:w3")
    assert ratio(ledger, "I01")[1] == 2


def test_an_edition_that_is_not_open_has_no_report_and_the_error_names_those_that_are() -> None:
    ledger = small_edition()
    with pytest.raises(NoSuchReport, match="2023"):
        figures(ledger.bodies, "2024")
    with pytest.raises(NoSuchReport, match="none"):
        figures(ledger.bodies, "2023", 0)


def test_a_position_beyond_the_last_leaf_is_an_error() -> None:
    ledger = small_edition()
    with pytest.raises(NoSuchReport, match="6"):
        figures(ledger.bodies, "2023", 6)


def test_a_line_that_is_no_event_is_an_error_that_names_its_position() -> None:
    ledger = small_edition()
    for line in (b"{", b"[]", b'{"source":"/services/intake"}'):
        with pytest.raises(UnreadableLeaf, match="position 6"):
            figures([*ledger.bodies, line], "2023")


def test_the_rules_of_the_edition_as_corrected_judge_older_facts() -> None:
    ledger = small_edition()
    opened = next(iter(ledger.facts))
    ledger.record("participation.enrolled", eligibility="living_wage_child_under_six")
    assert excluded(ledger, "I01") == {"basis_not_allowed": 1}
    ledger.correct(opened, eligibility=["living_wage_child_under_six"])
    assert figure(ledger, "I01")["excluded"] == []
    assert ratio(ledger, "I01") == (0, 1, 0)
