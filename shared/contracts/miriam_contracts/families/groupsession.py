"""Group session: the collective half of the method."""

from miriam_contracts import codes
from miriam_contracts.families.common import case_manager, occurred_on, project
from miriam_contracts.fields import Code, Int, Many, OtherId, OwnId, Payload

_MOST_WOMEN = 60


def _women(meaning: str) -> Many:
    return Many(OtherId("a participation"), meaning, most=_MOST_WOMEN)


class Held(Payload):
    """A group session took place, and who was there. Each member of that day stands in at most one list."""

    project = project()
    group = OwnId("the group")
    groupsession = OwnId("the group session, unique in the group")
    occurred_on = occurred_on()
    duration_minutes = Int("how long it lasted, in minutes", lowest=1, highest=720)
    theme = Code("the life domain that it was mostly about", choices=codes.LIFE_DOMAINS)
    case_manager = case_manager()
    present = _women("who was present")
    excused = _women("who was excused")
    absent = _women("who was absent without excuse")


class Cancelled(Payload):
    """A group session was planned and did not take place."""

    project = project()
    group = OwnId("the group")
    groupsession = OwnId("the group session, unique in the group")
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.CANCEL_REASONS)


FACTS: dict[str, type[Payload]] = {"held": Held, "cancelled": Cancelled}
