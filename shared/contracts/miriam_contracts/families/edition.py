"""Edition: one funded run of the programme, with its own dates, rules, instrument and budget."""

from miriam_contracts import codes
from miriam_contracts.families.common import edition, occurred_on
from miriam_contracts.fields import Cents, Code, Day, Int, Many, OtherId, Payload, Text
from miriam_contracts.instruments import INSTRUMENTS


class Opened(Payload):
    """The authority opens an edition and fixes what its facts are judged by. Caps are reported, not enforced."""

    edition = edition()
    occurred_on = occurred_on()
    name = Text("the name under which it is published", longest=120)
    starts_on = Day("first day of the edition")
    ends_on = Day("last day of the edition; not before its first")
    eligibility = Many(
        Code("an eligibility basis", choices=codes.ELIGIBILITY), "bases on which a woman may enrol", fewest=1, most=10
    )
    instrument = Code("the questionnaire used", choices=tuple(INSTRUMENTS))
    budget = Cents("budget of the edition, in euro cents")
    subsidy_per_group = Cents("subsidy of one group, in euro cents")
    places_min = Int("fewest women foreseen in a group", lowest=1, highest=100)
    places_max = Int("most women foreseen in a group", lowest=1, highest=100)
    groups_max = Int("most groups foreseen for a CPAS or consortium", lowest=1, highest=100)
    late_after_days = Int(
        "a fact noted more days than this after it happened counts as late (D03)", lowest=0, highest=366
    )


class Closed(Payload):
    """The edition has run its course; late facts are still recorded."""

    edition = edition()
    occurred_on = occurred_on()
    reason = Code("why it closed", choices=codes.EDITION_CLOSE_REASONS)


class Retired(Payload):
    """The retention of the edition has ended: keys, mappings and bodies are destroyed everywhere."""

    edition = edition()
    occurred_on = occurred_on()
    retained_until = Day("last day of the retention: five years from 31 December of the year of the last payment")


class RetiredRecorded(Payload):
    """What intake adds to a retirement: by its projects every service knows what to empty, without asking."""

    projects = Many(OtherId("a project of the edition"), "the projects of the edition", most=10_000, optional=True)


FACTS: dict[str, type[Payload]] = {"opened": Opened, "closed": Closed, "retired": Retired}
