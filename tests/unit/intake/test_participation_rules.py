"""The rules of a participation and of persons."""

import pytest

from miriam_contracts.specification import Specification, fact, retraction
from miriam_intake import domain

INTAKE = Specification(domain.decide)
REFERRED = fact("participation.referred")
ENROLLED = fact("participation.enrolled")
PAUSED = fact("participation.paused")
ENDED = fact("participation.ended")
LINKED = fact("person.linked")

WHILE_ENROLLED = ["case_manager_changed", "paused", "consent_withdrawn"]


def test_she_is_referred_at_most_once() -> None:
    INTAKE.given(REFERRED).when(fact("participation.referred")).then_refused("already_referred")


def test_she_is_not_referred_after_she_was_enrolled() -> None:
    late = fact("participation.referred", occurred_on="2023-02-21")
    INTAKE.given(ENROLLED).when(late).then_refused("referred_after_enrolment")
    INTAKE.given(ENROLLED).when(REFERRED).then_recorded()


def test_she_is_not_enrolled_before_she_was_referred() -> None:
    early = fact("participation.enrolled", occurred_on="2023-02-09", consented_on="2023-02-09")
    INTAKE.given(REFERRED).when(early).then_refused("enrolled_before_referral")


def test_she_is_enrolled_once_per_participation() -> None:
    INTAKE.given(ENROLLED).when(fact("participation.enrolled")).then_refused("already_enrolled")
    INTAKE.given(ENROLLED, retraction(ENROLLED)).when(fact("participation.enrolled")).then_recorded()


def test_she_agrees_before_she_is_enrolled() -> None:
    INTAKE.when(fact("participation.enrolled", consented_on="2023-02-21")).then_refused("consent_after_enrolment")
    INTAKE.when(fact("participation.enrolled", consented_on="2023-02-20")).then_recorded()


@pytest.mark.parametrize("name", [*WHILE_ENROLLED, "resumed", "ended"])
def test_nothing_happens_to_a_participation_without_enrolment(name: str) -> None:
    found = INTAKE.when(fact(f"participation.{name}")).problems
    assert found[0].code == "not_enrolled"


@pytest.mark.parametrize("name", [*WHILE_ENROLLED, "ended"])
def test_nothing_happens_before_the_day_of_enrolment(name: str) -> None:
    story = INTAKE.given(ENROLLED)
    story.when(fact(f"participation.{name}", occurred_on="2023-02-19")).then_refused("before_enrolment")
    story.when(fact(f"participation.{name}", occurred_on="2023-02-20")).then_recorded()


@pytest.mark.parametrize("name", WHILE_ENROLLED)
def test_nothing_happens_after_the_day_of_the_end(name: str) -> None:
    story = INTAKE.given(ENROLLED, ENDED)
    story.when(fact(f"participation.{name}", occurred_on="2024-03-01")).then_refused("after_end")
    story.when(fact(f"participation.{name}", occurred_on="2024-02-29")).then_recorded()


def test_she_pauses_only_when_not_paused_and_resumes_only_after_a_pause() -> None:
    INTAKE.given(ENROLLED).when(fact("participation.resumed")).then_refused("not_paused")
    INTAKE.given(ENROLLED, PAUSED).when(fact("participation.paused")).then_refused("already_paused")
    INTAKE.given(ENROLLED, PAUSED).when(fact("participation.resumed")).then_recorded()
    again = fact("participation.paused", occurred_on="2023-09-11")
    INTAKE.given(ENROLLED, PAUSED, fact("participation.resumed")).when(again).then_recorded()


def test_a_pause_is_judged_by_its_day_and_not_by_its_arrival() -> None:
    story = INTAKE.given(ENROLLED, PAUSED)
    story.when(fact("participation.paused", occurred_on="2023-04-03")).then_recorded()
    story.when(fact("participation.resumed", occurred_on="2023-07-02")).then_refused("not_paused")


def test_a_pause_and_its_end_on_one_day_follow_each_other_as_they_were_told() -> None:
    resumed = fact("participation.resumed", occurred_on=PAUSED.data["occurred_on"])
    INTAKE.given(ENROLLED, PAUSED).when(resumed).then_recorded()
    story = INTAKE.given(ENROLLED, PAUSED, resumed)
    story.when(fact("participation.resumed")).then_refused("not_paused")


def test_consent_is_withdrawn_once() -> None:
    story = INTAKE.given(ENROLLED, fact("participation.consent_withdrawn"))
    story.when(fact("participation.consent_withdrawn")).then_refused("consent_already_withdrawn")


def test_a_participation_ends_once() -> None:
    INTAKE.given(ENROLLED, ENDED).when(fact("participation.ended")).then_refused("already_ended")


def test_she_is_followed_up_only_after_the_end() -> None:
    followed_up = fact("participation.followed_up")
    INTAKE.given(ENROLLED).when(followed_up).then_refused("not_ended")
    INTAKE.given(ENROLLED, ENDED).when(followed_up).then_recorded()
    early = fact("participation.followed_up", occurred_on="2024-02-28")
    INTAKE.given(ENROLLED, ENDED).when(early).then_refused("before_end")


def test_two_participations_are_linked_once_and_differ() -> None:
    INTAKE.when(fact("person.linked", other="anderlecht:p-014")).then_refused("linked_to_itself")
    again = fact("person.linked", occurred_on="2023-09-06")
    INTAKE.given(LINKED).when(again).then_refused("already_linked")
    INTAKE.given(LINKED).when(fact("person.linked", other="anderlecht:p-102")).then_recorded()


@pytest.mark.parametrize("name", ["participation", "other"])
def test_nobody_is_linked_to_what_a_test_cpas_made_up(name: str) -> None:
    """Two women who are each linked to it would count as one."""
    link = fact("person.linked", source="/dpo/spp-is-dpo", **{name: "test-acme:p-1"})
    INTAKE.when(link).then_refused("test_cpas")


def test_only_what_is_linked_can_be_unlinked_and_linked_again() -> None:
    unlinked = fact("person.unlinked")
    INTAKE.when(unlinked).then_refused("not_linked")
    INTAKE.given(LINKED).when(unlinked).then_recorded()
    story = INTAKE.given(LINKED, unlinked)
    story.when(fact("person.unlinked", occurred_on="2023-10-03")).then_refused("not_linked")
    story.when(fact("person.linked", occurred_on="2023-10-03")).then_recorded()


def test_of_one_pair_and_one_day_there_is_one_link_or_unlink_only() -> None:
    same_day = fact("person.unlinked", occurred_on=LINKED.data["occurred_on"])
    INTAKE.given(LINKED).when(same_day).then_refused("link_of_same_day")
    INTAKE.given(LINKED).when(retraction(LINKED)).then_recorded()
    unlinked = fact("person.unlinked")
    again = fact("person.linked", occurred_on=unlinked.data["occurred_on"])
    INTAKE.given(LINKED, unlinked).when(again).then_refused("link_of_same_day")


def test_a_person_is_erased_once() -> None:
    INTAKE.given(fact("person.erased")).when(fact("person.erased")).then_refused("already_erased")
