"""Key: a service destroyed the key of a participation, so that its sealed rows can never be read again."""

from miriam_contracts.families.common import occurred_on
from miriam_contracts.fields import Code, EventId, Int, OtherId, Payload


class Destroyed(Payload):
    """The answer of a service to an erasure or a retirement."""

    participation = OtherId("the participation whose key was destroyed")
    occurred_on = occurred_on()
    because_of = EventId("the recorded id of the erasure or retirement")
    ground = Code("why", choices=("erased", "retired"))
    blocks = Int("sealed rows destroyed", lowest=0, highest=10**6)


FACTS: dict[str, type[Payload]] = {"destroyed": Destroyed}
