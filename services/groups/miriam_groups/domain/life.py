"""The life of a group, from the day it is formed to the day it is closed."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import day, not_after, not_before, only
from miriam_contracts.problems import Problem


def while_it_exists(fact: Fact, state: History) -> Iterator[Problem]:
    """A problem where the group was not formed, or the fact lies before that day or after the group was closed."""
    start = only(state.standing("group", "formed"))
    if start is None:
        yield Problem("group_not_formed", "data/group")
        return
    yield from not_before(fact, day(start), "before_group_formed")
    end = only(state.standing("group", "closed"))
    if end:
        yield from not_after(fact, day(end), "after_group_closed")
