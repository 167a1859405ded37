"""Goal: what she sets out to reach, in one life domain."""

from miriam_contracts import codes
from miriam_contracts.families.common import note, occurred_on, participation, project
from miriam_contracts.fields import Code, Int, OwnId, Payload


class Set(Payload):
    """She sets herself a goal."""

    project = project()
    participation = participation()
    goal = OwnId("the goal, unique in the participation")
    occurred_on = occurred_on()
    domain = Code("the life domain of the goal", choices=codes.LIFE_DOMAINS)
    personal = note()


class Progressed(Payload):
    """A step towards the goal."""

    project = project()
    participation = participation()
    goal = OwnId("the goal")
    occurred_on = occurred_on()
    percent = Int("how far she is, by her own estimate, in per cent", lowest=0, highest=100)


class Reached(Payload):
    """The goal is reached, and how that is known."""

    project = project()
    participation = participation()
    goal = OwnId("the goal")
    occurred_on = occurred_on()
    evidence = Code("how it is known", choices=codes.EVIDENCE_KINDS)


class Abandoned(Payload):
    """The goal is given up."""

    project = project()
    participation = participation()
    goal = OwnId("the goal")
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.GOAL_ABANDON_REASONS)


FACTS: dict[str, type[Payload]] = {"set": Set, "progressed": Progressed, "reached": Reached, "abandoned": Abandoned}
