"""Consortium: several CPAS that carry a project together."""

from miriam_contracts.families.common import edition, occurred_on
from miriam_contracts.fields import CpasId, Many, OtherId, Payload


class Formed(Payload):
    """Several CPAS join to carry projects of one edition. The lead is one of the members."""

    consortium = OtherId("the consortium")
    edition = edition()
    occurred_on = occurred_on()
    lead = CpasId("the member that answers for it")
    members = Many(CpasId("a member"), "its members, the lead among them", fewest=2, most=20)


FACTS: dict[str, type[Payload]] = {"formed": Formed}
