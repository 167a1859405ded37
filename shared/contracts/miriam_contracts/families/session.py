"""Session: one meeting of a woman with her case manager, not limited in time, at her own pace."""

from miriam_contracts import codes
from miriam_contracts.families.common import case_manager, note, occurred_on, participation, project
from miriam_contracts.fields import Code, Int, OwnId, Payload


class Held(Payload):
    """An individual session took place."""

    project = project()
    participation = participation()
    session = OwnId("the session, unique in the participation")
    occurred_on = occurred_on()
    duration_minutes = Int("how long it lasted, in minutes", lowest=1, highest=720)
    place = Code("where it took place", choices=codes.PLACES)
    theme = Code("the life domain that it was mostly about", choices=codes.LIFE_DOMAINS)
    case_manager = case_manager()
    personal = note()


class Missed(Payload):
    """A session was planned and did not take place."""

    project = project()
    participation = participation()
    session = OwnId("the session, unique in the participation")
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.MISSED_REASONS)


FACTS: dict[str, type[Payload]] = {"held": Held, "missed": Missed}
