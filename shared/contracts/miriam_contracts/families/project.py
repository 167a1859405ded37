"""Project: one funded group place: one subsidy, one group of women, one case manager."""

from miriam_contracts import codes
from miriam_contracts.families.common import edition, occurred_on
from miriam_contracts.fields import Cents, Code, CpasId, Day, Int, OtherId, Payload


class Approved(Payload):
    """The authority approves a project, carried by one CPAS, or by a consortium (then `cpas` is its lead)."""

    project = OtherId("the project")
    edition = edition()
    occurred_on = occurred_on()
    cpas = CpasId("the CPAS that carries it, or leads the consortium that does")
    consortium = OtherId("the consortium that carries it", optional=True)
    places = Int("women foreseen", lowest=1, highest=100)
    subsidy = Cents("the subsidy granted, in euro cents")
    starts_on = Day("first day of the project")
    ends_on = Day("last day of the project; not before its first")


class PaymentMade(Payload):
    """The authority pays a part of the subsidy."""

    project = OtherId("the project")
    occurred_on = occurred_on()
    payment = OtherId("the payment, unique in the project")
    amount = Cents("what was paid, in euro cents", lowest=1)


class CostDeclared(Payload):
    """The authority accepts a cost that the project declared against its subsidy."""

    project = OtherId("the project")
    occurred_on = occurred_on()
    declaration = OtherId("the declaration, unique in the project")
    category = Code("what it was spent on", choices=codes.COST_CATEGORIES)
    amount = Cents("the cost, in euro cents", lowest=1)


class Ended(Payload):
    """The project is over."""

    project = OtherId("the project")
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.PROJECT_END_REASONS)


FACTS: dict[str, type[Payload]] = {
    "approved": Approved,
    "payment_made": PaymentMade,
    "cost_declared": CostDeclared,
    "ended": Ended,
}
