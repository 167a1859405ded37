"""Two participations may turn out to be of one woman, or not to be; and her data may be erased, once.

A link stands in the stream of the participation that it was told of. Of one pair and one day there is one link or
unlink only: which of two came last would otherwise hang on their ids. What was linked by mistake today is retracted.
"""

from collections.abc import Iterator

from miriam_contracts import ids
from miriam_contracts.history import Fact, History, Standing
from miriam_contracts.judging import day, last_until, no_test_cpas, once, where
from miriam_contracts.problems import Problem


def linked(fact: Fact, state: History) -> Iterator[Problem]:
    """Two participations that differ, are not linked on that day, and neither a test's where no test CPAS says it."""
    if not ids.is_test_source(fact.source):
        # Two women who are each linked to one test participation would be one.
        for name in ("participation", "other"):
            yield from no_test_cpas(f"data/{name}", ids.prefix(fact.data[name]))
    if fact.data["other"] == fact.data["participation"]:
        yield Problem("linked_to_itself", "data/other")
    if _is_linked(fact, state):
        yield Problem("already_linked", "data/other")
    yield from _one_a_day(fact, state)


def unlinked(fact: Fact, state: History) -> Iterator[Problem]:
    """Only what is linked on that day."""
    if not _is_linked(fact, state):
        yield Problem("not_linked", "data/other")
    yield from _one_a_day(fact, state)


def erased(fact: Fact, state: History) -> Iterator[Problem]:
    """Once: there is nothing left to destroy."""
    yield from once(state, "person", "erased", "already_erased")


def _of_the_pair(fact: Fact, state: History) -> list[Standing]:
    return list(where(state.standing("person", "linked", "unlinked"), "other", fact.data["other"]))


def _is_linked(fact: Fact, state: History) -> bool:
    last = last_until(_of_the_pair(fact, state), day(fact))
    return last is not None and last.name == "linked"


def _one_a_day(fact: Fact, state: History) -> Iterator[Problem]:
    if any(day(link) == day(fact) for link in _of_the_pair(fact, state)):
        yield Problem("link_of_same_day", "data/occurred_on")


RULES = {"person.linked": linked, "person.unlinked": unlinked, "person.erased": erased}
