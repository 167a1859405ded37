"""The objects of an event log: which there are, what is told of them over time, and how they hang together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from miriam_reporting.audit.ocel.happenings import Happening

# Qualified by the role that the object has in the event, or in the other object.
Relation = tuple[str, str]  # object id, qualifier

# Objects that a payload names, by field.
_NAMED = {
    "participation": "participation",
    "other": "participation",
    "project": "project",
    "group": "group",
    "case_manager": "case_manager",
    "cpas": "cpas",
    "lead": "cpas",
    "edition": "edition",
    "consortium": "consortium",
}
# Unique within a participation alone.
_HERS = ("goal", "referral")
_LISTS = ("present", "excused", "absent")
_STATUS: Mapping[str, tuple[str, str]] = {
    "participation.referred": ("participation", "referred"),
    "participation.enrolled": ("participation", "enrolled"),
    "participation.paused": ("participation", "paused"),
    "participation.resumed": ("participation", "enrolled"),
    "participation.consent_withdrawn": ("participation", "consent_withdrawn"),
    "participation.ended": ("participation", "ended"),
    "goal.set": ("goal", "set"),
    "goal.reached": ("goal", "reached"),
    "goal.abandoned": ("goal", "abandoned"),
    "referral.made": ("referral", "made"),
    "referral.closed": ("referral", "closed"),
    "edition.opened": ("edition", "opened"),
    "edition.closed": ("edition", "closed"),
    "group.formed": ("group", "formed"),
    "group.closed": ("group", "closed"),
    "project.approved": ("project", "approved"),
    "project.ended": ("project", "ended"),
}
# What a fact tells of its object: field of the payload, attribute of the object.
_TOLD: Mapping[str, Mapping[str, str]] = {
    "participation.enrolled": {name: name for name in (
        "eligibility", "employment", "education", "age_band", "children", "language", "case_manager")},
    "participation.case_manager_changed": {"case_manager": "case_manager"},
    "participation.ended": {"reason": "exit_reason", "certificate": "certificate"},
    "participation.followed_up": {"situation": "follow_up"},
    "goal.set": {"domain": "domain"},
    "goal.progressed": {"percent": "percent"},
    "goal.reached": {"evidence": "evidence"},
    "referral.made": {"domain": "domain", "partner": "partner"},
    "referral.closed": {"outcome": "outcome"},
    "project.approved": {"places": "places", "subsidy": "subsidy_cents"},
    "edition.opened": {"starts_on": "starts_on", "ends_on": "ends_on", "budget": "budget_cents"},
    "cpas.registered": {"region": "region", "language": "language"},
}  # fmt: skip
# How an object hangs together with another that the same fact names.
_BONDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "participation.enrolled": (
        ("participation", "project", "takes part in"),
        ("participation", "cpas", "supported by"),
    ),
    "goal.set": (("goal", "participation", "goal of"),),
    "referral.made": (("referral", "participation", "referral of"),),
    "group.formed": (("group", "project", "group of"), ("group", "cpas", "led by")),
    "group.joined": (("participation", "group", "member of"),),
    "project.approved": (("project", "cpas", "carried by"), ("project", "edition", "of edition")),
}


@dataclass(slots=True)
class Object:
    """One object: attributes as (name, value, time), relations to others."""

    kind: str
    attributes: list[tuple[str, Any, str]] = field(default_factory=list)
    relations: dict[Relation, None] = field(default_factory=dict)


class Objects:
    """Gathers the objects of the happenings that it is shown, in their order."""

    def __init__(self, women: Mapping[str, str]) -> None:
        self._women = women
        self.found: dict[str, Object] = {}

    def of(self, happening: Happening) -> list[Relation]:
        """The objects of an event, each with its role; what the event tells of them is kept.

        An object has one role in an event (readers keep no more): where it has several, that which comes first. So a
        woman who is told as present and as absent was present, as figures count her.
        """
        roles = dict(self._named(happening))
        relations = {identity: role for role, identity in reversed(roles.items())}
        for role in ("participation", "other"):
            if participation := happening.payload.get(role):
                self._participant(relations, participation, role)
        for presence in _LISTS:
            for participation in happening.payload.get(presence, ()):
                self._participant(relations, participation, presence)
        for member in happening.payload.get("members", ()):
            relations.setdefault(self._object("cpas", member), "member")
        self._keep(happening, roles)
        return list(relations.items())

    def _named(self, happening: Happening) -> Iterator[tuple[str, str]]:
        """Role and id of each object that the payload names, and of the CPAS whose participation or group it is."""
        payload = happening.payload
        for name, kind in _NAMED.items():
            if value := payload.get(name):
                yield name, self._object(kind, value)
        for kind in _HERS:
            if value := payload.get(kind):
                yield kind, self._object(kind, f"{payload['participation']}/{value}")
        owned = payload.get("group") or payload.get("participation")
        if owned and "cpas" not in payload:
            yield "cpas", self._object("cpas", owned.partition(":")[0])

    def _participant(self, relations: dict[str, str], participation: str, role: str) -> None:
        identity = self._object("participation", participation)
        relations.setdefault(identity, role)
        if woman := self._women.get(participation):
            hers = self._object("woman", woman)
            relations.setdefault(hers, "woman" if role == "participation" else role)
            self.found[identity].relations[hers, "participation of"] = None

    def _keep(self, happening: Happening, roles: Mapping[str, str]) -> None:
        if happening.activity.endswith(".retracted"):
            return
        fact, payload = happening.fact, happening.payload
        about = "cpas" if fact.startswith("cpas.") else fact.partition(".")[0]
        identity = roles.get(about)
        if identity is None:
            return
        kept = self.found[identity].attributes
        if fact in _STATUS:
            kept.append(("status", _STATUS[fact][1], happening.at))
        kept += [
            (attribute, payload[name], happening.at)
            for name, attribute in _TOLD.get(fact, {}).items()
            if payload.get(name) is not None
        ]
        for one, other, bond in _BONDS.get(fact, ()):
            if one in roles and other in roles:
                self.found[roles[one]].relations[roles[other], bond] = None

    def _object(self, kind: str, value: str) -> str:
        # An id is unique among its kind alone: a group and a participation may both be `alpha:1`.
        identity = f"{kind}/{value}"
        if identity not in self.found:
            self.found[identity] = Object(kind)
        return identity
