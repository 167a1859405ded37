"""A project is approved once; payments, costs and its end rest on that approval.

Payments and costs may come after its end: accounts are settled later than the work.
"""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import no_test_cpas, once, only, where
from miriam_contracts.problems import Problem


def approved(fact: Fact, state: History) -> Iterator[Problem]:
    """Once, carried by no test CPAS, and its last day is not before its first."""
    yield from once(state, "project", "approved", "project_already_approved")
    if fact.data["ends_on"] < fact.data["starts_on"]:
        yield Problem("ends_before_start", "data/ends_on", f"{fact.data['starts_on']}..")
    yield from no_test_cpas("data/cpas", fact.data["cpas"])


def payment_made(fact: Fact, state: History) -> Iterator[Problem]:
    """Only to an approved project, under an id of its own."""
    yield from _of_an_approved_project(state)
    if only(where(state.standing("project", "payment_made"), "payment", fact.data["payment"])):
        yield Problem("payment_id_used", "data/payment")


def cost_declared(fact: Fact, state: History) -> Iterator[Problem]:
    """Only by an approved project, under an id of its own."""
    yield from _of_an_approved_project(state)
    if only(where(state.standing("project", "cost_declared"), "declaration", fact.data["declaration"])):
        yield Problem("declaration_id_used", "data/declaration")


def ended(fact: Fact, state: History) -> Iterator[Problem]:
    """Only an approved project, and once."""
    yield from _of_an_approved_project(state)
    yield from once(state, "project", "ended", "project_already_ended")


def _of_an_approved_project(state: History) -> Iterator[Problem]:
    if only(state.standing("project", "approved")) is None:
        yield Problem("project_not_approved", "data/project")


RULES = {
    "project.approved": approved,
    "project.payment_made": payment_made,
    "project.cost_declared": cost_declared,
    "project.ended": ended,
}
