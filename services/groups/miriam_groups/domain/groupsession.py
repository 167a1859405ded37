"""A group session is held or cancelled, once under its id; each member of that day stands in one list at most."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import day, only, where
from miriam_contracts.problems import Problem
from miriam_groups.domain.life import while_it_exists
from miriam_groups.domain.membership import memberships

LISTS = ("present", "excused", "absent")


def held(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while the group exists, under an id of its own, each woman once and a member on that day."""
    yield from while_it_exists(fact, state)
    yield from _id_is_new(fact, state)
    members = memberships(state)
    named: set[str] = set()
    for name in LISTS:
        for place, participation in enumerate(fact.data[name]):
            # The place in the list, not the participation: a problem repeats no value.
            if participation in named:
                yield Problem("woman_in_two_lists", f"data/{name}/{place}")
            if not members[participation].holds_on(day(fact)):
                yield Problem("not_a_member", f"data/{name}/{place}")
        named.update(fact.data[name])


def cancelled(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while the group exists, under an id of its own."""
    yield from while_it_exists(fact, state)
    yield from _id_is_new(fact, state)


def _id_is_new(fact: Fact, state: History) -> Iterator[Problem]:
    if only(where(state.standing("groupsession", "held", "cancelled"), "groupsession", fact.data["groupsession"])):
        yield Problem("groupsession_id_used", "data/groupsession")


RULES = {"groupsession.held": held, "groupsession.cancelled": cancelled}
