"""A CPAS is registered once, and may one day go on in another."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import no_test_cpas, once, only
from miriam_contracts.problems import Problem


def registered(fact: Fact, state: History) -> Iterator[Problem]:
    """Once, and no test CPAS: a new name, code or key is a correction."""
    yield from once(state, "cpas", "registered", "cpas_already_registered")
    yield from no_test_cpas("data/cpas", fact.data["cpas"])


def merged(fact: Fact, state: History) -> Iterator[Problem]:
    """Only if it is registered, into another one that is no test, and once."""
    if fact.data["into"] == fact.data["cpas"]:
        yield Problem("merged_into_itself", "data/into")
    yield from no_test_cpas("data/into", fact.data["into"])
    if only(state.standing("cpas", "registered")) is None:
        yield Problem("cpas_not_registered", "data/cpas")
        return
    yield from once(state, "cpas", "merged", "cpas_already_merged")


RULES = {"cpas.registered": registered, "cpas.merged": merged}
