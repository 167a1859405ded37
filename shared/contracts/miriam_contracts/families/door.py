"""Door: what a recording service refused, counted; and what of a test CPAS it wiped."""

import re

from miriam_contracts import ids
from miriam_contracts.families.common import occurred_on
from miriam_contracts.fields import Int, Many, Part, Pattern, Payload, Text

_RULE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_EMITTER_OR_UNKNOWN = re.compile(rf"{ids.EMITTER}|unknown")


class Refused(Payload):
    """How often one rule refused one emitter. An emission that breaks several rules counts under the first."""

    emitter = Pattern("the emitter as the broker vouched for it, or `unknown`", pattern=_EMITTER_OR_UNKNOWN)
    rule = Pattern("the rule's code", pattern=_RULE)
    count = Int("refusals", lowest=1, highest=10**9)


class Tallied(Payload):
    """Refusals number `first` to `last` of this door, which follow those of the tally before."""

    occurred_on = occurred_on()
    first = Int("number of the first refusal counted", lowest=1, highest=10**12)
    last = Int("number of the last refusal counted; not before the first", lowest=1, highest=10**12)
    counts = Many(
        Part(Refused, "one count"), "counts by emitter and rule; they add up to last - first + 1", fewest=1, most=5000
    )


class Numbers(Payload):
    """Numbers of this service, one after the other; each is an event of that test CPAS."""

    first = Int("the first", lowest=1, highest=10**15)
    last = Int("the last; not before the first", lowest=1, highest=10**15)


class Wiped(Payload):
    """A test CPAS was wiped: the bodies of these events of its were emptied; hashes and figures stay as they are."""

    emitter = Pattern("the test CPAS; its id begins with `test-`", pattern=re.compile(rf"(?=test-){ids.EMITTER}"))
    occurred_on = occurred_on()
    reason = Text("why it was asked for; names nobody", longest=200)
    events = Int("how many events were emptied", lowest=1, highest=10**9)
    numbers = Many(Part(Numbers, "a run of numbers"), "the numbers of those events", fewest=1, most=2000)


FACTS: dict[str, type[Payload]] = {"tallied": Tallied, "wiped": Wiped}
