"""A group is formed, women join and leave it, and it is closed."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.ids import prefix
from miriam_contracts.judging import day, not_before, once, only
from miriam_contracts.problems import Problem
from miriam_groups.domain.life import while_it_exists
from miriam_groups.domain.membership import memberships


def formed(fact: Fact, state: History) -> Iterator[Problem]:
    """Once."""
    yield from once(state, "group", "formed", "group_already_formed")


def joined(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while the group exists, no member on that day, of the same CPAS unless the group names a consortium."""
    yield from while_it_exists(fact, state)
    if memberships(state)[fact.data["participation"]].holds_on(day(fact)):
        yield Problem("already_member", "data/participation")
    start = only(state.standing("group", "formed"))
    if start and "consortium" not in start.data and prefix(fact.data["participation"]) != prefix(fact.data["group"]):
        yield Problem("other_cpas_without_consortium", "data/participation", f"{prefix(fact.data['group'])}:...")


def left(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while the group exists, and only by one who is a member on that day."""
    yield from while_it_exists(fact, state)
    if not memberships(state)[fact.data["participation"]].can_end_on(day(fact)):
        yield Problem("not_a_member", "data/participation")


def closed(fact: Fact, state: History) -> Iterator[Problem]:
    """Only a group that was formed, not before that day, and once."""
    start = only(state.standing("group", "formed"))
    if start is None:
        yield Problem("group_not_formed", "data/group")
        return
    yield from once(state, "group", "closed", "group_already_closed")
    yield from not_before(fact, day(start), "before_group_formed")


RULES = {"group.formed": formed, "group.joined": joined, "group.left": left, "group.closed": closed}
