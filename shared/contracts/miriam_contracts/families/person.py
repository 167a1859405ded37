"""Person: the woman behind one or more participations, known by a random id."""

from miriam_contracts import codes, ids
from miriam_contracts.families.common import occurred_on
from miriam_contracts.fields import Code, OtherId, OwnId, Pattern, Payload


class Linked(Payload):
    """Two participations turn out to be of one woman: she counts once. A CPAS links its own; the DPO links any."""

    participation = OwnId("a participation of hers; the subject of the event")
    other = OwnId("another participation of hers")
    occurred_on = occurred_on()


class Unlinked(Payload):
    """A link was wrong: the two participations are of two women."""

    participation = OwnId("the participation; the subject of the event")
    other = OwnId("the other participation")
    occurred_on = occurred_on()
    reason = Code("why the link was wrong", choices=codes.UNLINK_REASONS)


class Erased(Payload):
    """Her right to erasure was granted: mapping, keys and sealed rows are destroyed in every service."""

    person = Pattern("the random id of the woman; the subject of the event", pattern=ids.PERSON_PATTERN)
    participation = OtherId("the participation through which she asked", optional=True)
    occurred_on = occurred_on()
    ground = Code("the ground (GDPR, art. 17)", choices=codes.ERASURE_GROUNDS)


FACTS: dict[str, type[Payload]] = {"linked": Linked, "unlinked": Unlinked, "erased": Erased}
