"""The rules of groups and of their sessions."""

import pytest

from miriam_contracts.history import Fact
from miriam_contracts.specification import Specification, correction, fact
from miriam_groups import domain

GROUPS = Specification(domain.decide)
FORMED = fact("group.formed")
JOINED = fact("group.joined")
OTHER = fact("group.joined", participation="anderlecht:p-022")
THIRD = fact("group.joined", participation="anderlecht:p-031")
LEFT = fact("group.left", occurred_on="2023-06-01")
CLOSED = fact("group.closed")
MET = GROUPS.given(FORMED, JOINED, OTHER, THIRD)


def test_a_group_is_formed_once() -> None:
    GROUPS.given(FORMED).when(fact("group.formed")).then_refused("group_already_formed")


@pytest.mark.parametrize("kind", ["group.joined", "group.closed", "groupsession.cancelled"])
def test_nothing_happens_in_a_group_that_was_not_formed(kind: str) -> None:
    GROUPS.when(fact(kind)).then_refused("group_not_formed")
    GROUPS.given(FORMED).when(fact(kind)).then_recorded()


@pytest.mark.parametrize("kind", ["group.joined", "group.closed", "groupsession.cancelled"])
def test_nothing_happens_before_the_group_is_formed(kind: str) -> None:
    GROUPS.given(FORMED).when(fact(kind, occurred_on="2023-02-12")).then_refused("before_group_formed")


@pytest.mark.parametrize("kind", ["group.joined", "groupsession.cancelled"])
def test_nothing_happens_after_the_group_is_closed(kind: str) -> None:
    story = GROUPS.given(FORMED, CLOSED)
    story.when(fact(kind, occurred_on="2024-03-23")).then_refused("after_group_closed")
    story.when(fact(kind, occurred_on="2024-03-22")).then_recorded()


def test_a_woman_leaves_on_the_last_day_of_the_group_but_not_later() -> None:
    story = GROUPS.given(FORMED, JOINED, CLOSED)
    story.when(fact("group.left", occurred_on="2024-03-22")).then_recorded()
    story.when(fact("group.left", occurred_on="2024-03-23")).then_refused("after_group_closed")


def test_a_group_is_closed_once() -> None:
    GROUPS.given(FORMED, CLOSED).when(fact("group.closed")).then_refused("group_already_closed")


def test_a_woman_joins_only_when_she_is_no_member() -> None:
    GROUPS.given(FORMED, JOINED).when(fact("group.joined")).then_refused("already_member")
    story = GROUPS.given(FORMED, JOINED, LEFT)
    story.when(fact("group.joined", occurred_on="2023-06-01")).then_refused("already_member")
    story.when(fact("group.joined", occurred_on="2023-06-02")).then_recorded()


def test_a_woman_leaves_only_when_she_is_a_member() -> None:
    GROUPS.given(FORMED).when(LEFT).then_refused("not_a_member")
    GROUPS.given(FORMED, JOINED).when(fact("group.left", occurred_on="2023-02-23")).then_refused("not_a_member")
    GROUPS.given(FORMED, JOINED).when(fact("group.left", occurred_on="2023-02-24")).then_recorded()
    GROUPS.given(FORMED, JOINED, LEFT).when(fact("group.left", occurred_on="2023-06-01")).then_refused("not_a_member")
    GROUPS.given(FORMED, JOINED, LEFT).when(fact("group.left", occurred_on="2023-07-01")).then_refused("not_a_member")


def test_a_woman_who_came_back_may_leave_again() -> None:
    back = fact("group.joined", occurred_on="2023-09-01")
    GROUPS.given(FORMED, JOINED, LEFT, back).when(fact("group.left", occurred_on="2023-12-01")).then_recorded()


def test_a_woman_of_another_cpas_joins_only_a_group_of_a_consortium() -> None:
    stranger = fact("group.joined", participation="evere:p-2")
    GROUPS.given(FORMED).when(stranger).then_refused("other_cpas_without_consortium")
    together = fact("group.formed", consortium="spp-is:con-brussels-2")
    GROUPS.given(together).when(stranger).then_recorded()


def test_a_group_session_is_held_with_members_of_that_day() -> None:
    MET.when(fact("groupsession.held")).then_recorded()
    outcome = GROUPS.given(FORMED, JOINED, THIRD).when(fact("groupsession.held"))
    outcome.then_refused("not_a_member")
    assert outcome.problems[0].field == "data/present/1"


def test_the_day_she_joins_is_her_first_and_the_day_she_leaves_her_last() -> None:
    def alone(day: str) -> Fact:
        return fact("groupsession.held", occurred_on=day, present=["anderlecht:p-014"], excused=[], absent=[])

    story = GROUPS.given(FORMED, JOINED, LEFT)
    story.when(alone("2023-02-23")).then_refused("not_a_member")
    story.when(alone("2023-02-24")).then_recorded()
    story.when(alone("2023-06-01")).then_recorded()
    story.when(alone("2023-06-02")).then_refused("not_a_member")


def test_membership_is_judged_by_the_day_and_not_by_arrival() -> None:
    story = GROUPS.given(FORMED, JOINED, OTHER, THIRD, LEFT)
    story.when(fact("groupsession.held", occurred_on="2023-05-31")).then_recorded()


def test_a_woman_stands_in_one_list_at_most() -> None:
    twice = fact("groupsession.held", absent=["anderlecht:p-014"])
    outcome = MET.when(twice)
    outcome.then_refused("woman_in_two_lists")
    assert outcome.problems[0].field == "data/absent/0"


@pytest.mark.parametrize(("day", "rule"), [("2023-02-12", "before_group_formed"), ("2024-03-23", "after_group_closed")])
def test_a_group_session_is_held_only_while_the_group_exists(day: str, rule: str) -> None:
    nobody = fact("groupsession.held", occurred_on=day, present=[], excused=[], absent=[])
    GROUPS.given(FORMED, CLOSED).when(nobody).then_refused(rule)


def test_she_may_join_and_leave_on_one_day() -> None:
    same_day = fact("group.left", occurred_on=JOINED.data["occurred_on"])
    story = GROUPS.given(FORMED, JOINED, same_day)
    story.when(fact("group.left", occurred_on="2023-02-24")).then_refused("not_a_member")
    story.when(fact("group.joined", occurred_on="2023-02-25")).then_recorded()


@pytest.mark.parametrize("kind", ["groupsession.held", "groupsession.cancelled"])
def test_a_group_session_id_is_used_once_over_held_and_cancelled(kind: str) -> None:
    story = MET.given(fact("groupsession.held"))
    story.when(fact(kind, groupsession="anderlecht:gs-9")).then_refused("groupsession_id_used")
    story.when(fact(kind, groupsession="anderlecht:gs-11")).then_recorded()


def test_a_group_session_can_be_corrected_under_its_own_id() -> None:
    held = fact("groupsession.held")
    MET.given(held).when(correction(held, excused=[], absent=["anderlecht:p-031"])).then_recorded()
    MET.given(held).when(correction(held, occurred_on="2023-02-20")).then_refused(*["not_a_member"] * 3)
