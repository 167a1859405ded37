"""Participation: one woman in one project of one edition. A woman who comes back, or moves, has a new one."""

from stdnum.be import ssn

from miriam_contracts import codes, ids
from miriam_contracts.families.common import case_manager, note, occurred_on, participation, project
from miriam_contracts.fields import Code, Day, Flag, Int, Pattern, Payload, Personal, Text, refuse


class NationalNumber(Text):
    """A NISS or BIS number, 11 digits with or without separators. Stands in a sealed block and nowhere else."""

    def __init__(self, meaning: str) -> None:
        super().__init__(meaning, longest=20, optional=True)

    def _deserialize(self, value: object, attr: object, data: object, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not ssn.is_valid(text):
            raise refuse("national_number")
        return ssn.compact(text)


class Identity(Payload):
    """Who she is. Sealed in intake; nothing of it enters an event."""

    niss = NationalNumber("her national number or BIS number, where she has one")
    first_name = Text("first name", longest=120, optional=True)
    last_name = Text("last name", longest=120, optional=True)
    birth_date = Day("date of birth; gives the age band at entry", optional=True)
    text = Text("what the case manager noted", longest=4000, optional=True)


class Referred(Payload):
    """Somebody thought of the programme for her; she has not chosen yet."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()
    referrer = Code("who referred her", choices=codes.REFERRERS)


class Enrolled(Payload):
    """She chose to take part and has a place. Her situation at entry, as ESF+ Annex I counts it."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()
    consented_on = Day("the day she agreed to take part; not after the enrolment")
    eligibility = Code("the basis then in force on which she may take part", choices=codes.ELIGIBILITY)
    employment = Code("her situation on the labour market at entry", choices=codes.EMPLOYMENT)
    education = Code("her highest level of education at entry", choices=codes.EDUCATION)
    children = Int("children in her household at entry", lowest=0, highest=20)
    language = Code("the language she is spoken to", choices=(*codes.LANGUAGES, "other"))
    case_manager = case_manager()
    personal = Personal(Identity, "who she is")


class EnrolledRecorded(Payload):
    """What intake adds to an enrolment."""

    person = Pattern("random id of the woman; the same in each of her participations", pattern=ids.PERSON_PATTERN)
    person_known_by = Code("how intake knows her", choices=("number", "none"))
    age_band = Code("her age at enrolment", choices=codes.AGE_BANDS)


class CaseManagerChanged(Payload):
    """Another case manager accompanies her from this day on."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()
    case_manager = case_manager()


class Paused(Payload):
    """The accompaniment rests for a while."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.PAUSE_REASONS)


class Resumed(Payload):
    """The accompaniment goes on after a pause."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()


class ConsentWithdrawn(Payload):
    """She no longer wishes to take part. An end of the participation follows."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()


class Ended(Payload):
    """She leaves the programme: at its end, or before."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()
    reason = Code("why she leaves", choices=codes.EXIT_REASONS)
    certificate = Flag("whether she received the certificate")
    personal = note()


class FollowedUp(Payload):
    """Her situation some time after the end: one year, as the programme asks."""

    project = project()
    participation = participation()
    occurred_on = occurred_on()
    situation = Code("her situation then", choices=codes.FOLLOW_UP)


FACTS: dict[str, type[Payload]] = {
    "referred": Referred,
    "enrolled": Enrolled,
    "case_manager_changed": CaseManagerChanged,
    "paused": Paused,
    "resumed": Resumed,
    "consent_withdrawn": ConsentWithdrawn,
    "ended": Ended,
    "followed_up": FollowedUp,
}
