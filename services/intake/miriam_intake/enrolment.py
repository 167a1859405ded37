"""What intake adds to an enrolment: whose it is, how she is known, and how old she was.

Runs inside the transaction that records the fact. A correction keeps what the version before said, unless it brings a
number or a birth date of its own: what was never sent again was not changed. Of a woman whose data were erased nothing
personal is taken in any more: a correction must not lead back to her.
"""

from collections.abc import Mapping
from typing import Any

from stdnum.be import ssn

from miriam_intake import persons
from miriam_intake.age import NOT_AVAILABLE, age_band, birth_date
from miriam_platform import sealing
from miriam_platform.definition import Enrichment


def enrolled(asked: Enrichment) -> Mapping[str, Any]:
    """The payload with `person`, `person_known_by` and `age_band`."""
    return {**asked.data, **_added(asked, asked.data, {})}


def corrected(asked: Enrichment) -> Mapping[str, Any]:
    """The correction; where it is one of an enrolment, its replacement gets the same three fields."""
    if asked.data["fact"] != "enrolled":
        return asked.data
    before = asked.state.facts[asked.data["corrects"]].data
    replacement = asked.data["replacement"]
    return {**asked.data, "replacement": {**replacement, **_added(asked, replacement, before)}}


def _added(asked: Enrichment, stated: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, str]:
    participation = stated["participation"]
    personal = _taken_in(asked, participation)
    if "niss" in personal:
        # A block is kept as it came: its number may stand there with dots and dashes.
        number = ssn.compact(personal["niss"])
        key = persons.key_for(asked.keys.extra[persons.KEY], participation)
        person = persons.person_of_number(asked.connection, key, number)
        known_by = "number"
    else:
        person = before.get("person") or persons.new_person()
        known_by = before.get("person_known_by", "none")
    born = birth_date(personal)
    band = age_band(born, stated["occurred_on"]) if born else before.get("age_band", NOT_AVAILABLE)
    persons.name(asked.connection, asked.fact.event_id, participation, person)
    return {"person": person, "person_known_by": known_by, "age_band": band}


def _taken_in(asked: Enrichment, participation: str) -> Mapping[str, Any]:
    """The personal block, where its participation may still have one.

    The key stays locked until this transaction ends: an erasure waits for it, or it sees what the erasure left.
    """
    if not asked.personal:
        return {}
    kept = sealing.participation_keys(asked.connection, asked.keys.master, [participation])
    return asked.personal if participation in kept else {}
