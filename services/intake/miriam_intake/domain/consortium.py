"""A consortium is formed once, and one of its members leads it."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import no_test_cpas, once
from miriam_contracts.problems import Problem


def formed(fact: Fact, state: History) -> Iterator[Problem]:
    """Once, the lead among the members, and no test CPAS."""
    yield from once(state, "consortium", "formed", "consortium_already_formed")
    if fact.data["lead"] not in fact.data["members"]:
        yield Problem("lead_not_member", "data/lead")
    for place, member in enumerate(fact.data["members"]):
        yield from no_test_cpas(f"data/members/{place}", member)


RULES = {"consortium.formed": formed}
