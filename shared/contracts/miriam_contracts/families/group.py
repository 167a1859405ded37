"""Group: the women of a project who meet, and who belongs to it when."""

from miriam_contracts import codes
from miriam_contracts.families.common import occurred_on, project
from miriam_contracts.fields import Code, OtherId, OwnId, Payload


class Formed(Payload):
    """A group begins. One that is formed for a consortium may hold women of its other members."""

    project = project()
    group = OwnId("the group")
    occurred_on = occurred_on()
    consortium = OtherId("the consortium whose women may join", optional=True)


class Joined(Payload):
    """A woman joins the group."""

    project = project()
    group = OwnId("the group")
    participation = OtherId("who joins; of the same CPAS, or of the group's consortium")
    occurred_on = occurred_on()


class Left(Payload):
    """A woman leaves the group; from the next day she is no member."""

    project = project()
    group = OwnId("the group")
    participation = OtherId("who leaves")
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.GROUP_LEAVE_REASONS)


class Closed(Payload):
    """The group meets no more."""

    project = project()
    group = OwnId("the group")
    occurred_on = occurred_on()


FACTS: dict[str, type[Payload]] = {"formed": Formed, "joined": Joined, "left": Left, "closed": Closed}
