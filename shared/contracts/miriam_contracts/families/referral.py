"""Referral: she is shown the way to a partner."""

from miriam_contracts import codes
from miriam_contracts.families.common import occurred_on, participation, project
from miriam_contracts.fields import Code, OwnId, Payload


class Made(Payload):
    """The case manager refers her to a partner."""

    project = project()
    participation = participation()
    referral = OwnId("the referral, unique in the participation")
    occurred_on = occurred_on()
    domain = Code("the life domain concerned", choices=codes.LIFE_DOMAINS)
    partner = Code("the kind of partner", choices=codes.PARTNERS)


class Closed(Payload):
    """What became of the referral."""

    project = project()
    participation = participation()
    referral = OwnId("the referral")
    occurred_on = occurred_on()
    outcome = Code("what became of it", choices=codes.REFERRAL_OUTCOMES)


FACTS: dict[str, type[Payload]] = {"made": Made, "closed": Closed}
