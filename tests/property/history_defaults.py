"""A payload of each kind that keeps its contract, of which a test changes what it is about.

Defaults lie in edition 2023 (1 September 2023 to 30 June 2024) and project `spp:p1`, which CPAS `alpha` carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miriam_contracts import codes

DAY = "2023-10-02"
ADDED_TO_ENROLMENT = ("person", "person_known_by", "age_band")
EDITIONS = {"2023": ("2023-09-01", "2024-06-30"), "2024": ("2024-09-01", "2025-06-30")}


def person(number: int) -> str:
    """The id of a woman."""
    return f"prs-{number:032x}"


def score(value: int | str) -> dict[str, Any]:
    """An answer on the scale, or the status that says why there is none."""
    return {"status": "valid", "score": value} if isinstance(value, int) else {"status": value}


def scores(default: int | str = 5, **by_domain: int | str) -> dict[str, Any]:
    """Answers of an assessment in all nine domains."""
    return {domain: score(by_domain.get(domain, default)) for domain in codes.MEASURED_DOMAINS}


def changes(default: str = "same", **by_domain: str) -> dict[str, str]:
    """Self-reported changes in all nine domains."""
    return {domain: by_domain.get(domain, default) for domain in codes.MEASURED_DOMAINS}


def defaults(kind: str, given: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The rest of a payload of which `given` is known. `number` makes minted ids of their own."""
    family, _, name = kind.partition(".")
    known = {"occurred_on": DAY, **given}
    if family in ("edition", "cpas", "consortium", "project", "door", "key"):
        return {"occurred_on": DAY, **_OF_AUTHORITY[kind](known)}
    if family == "person":
        return {"occurred_on": DAY, **_OF_PERSON[name]}
    if family in ("group", "groupsession"):
        group = known.get("group", "alpha:g1")
        base = {"occurred_on": DAY, "project": "spp:p1", "group": group}
        return {**base, **_of_group(kind, group.partition(":")[0], number)}
    participation = known.get("participation", "alpha:w1")
    base = {"occurred_on": DAY, "project": "spp:p1", "participation": participation}
    return {**base, **_of_participation(kind, participation.partition(":")[0], number, known)}


def _opened(known: Mapping[str, Any]) -> dict[str, Any]:
    starts_on, ends_on = EDITIONS[known["edition"]]
    return {
        "name": f"Miriam {known['edition']}", "starts_on": starts_on, "ends_on": ends_on,
        "eligibility": ["single_mother_cpas_service"], "instrument": "miriam-2022", "budget": 100_000_00,
        "subsidy_per_group": 50_000_00, "places_min": 12, "places_max": 15, "groups_max": 2, "late_after_days": 3,
    }  # fmt: skip


_OF_AUTHORITY = {
    "edition.opened": _opened,
    "edition.closed": lambda known: {"reason": "end_of_term"},
    "cpas.registered": lambda known: {
        "names": {"fr": known["cpas"].title()}, "region": "brussels", "language": "fr", "nis": "21001",
    },
    "cpas.merged": lambda known: {"into": "beta"},
    "consortium.formed": lambda known: {"edition": "2023"},
    "project.approved": lambda known: {
        "edition": "2023", "places": 12, "subsidy": 50_000_00, "starts_on": "2023-09-01", "ends_on": "2024-06-30",
    },
    "project.payment_made": lambda known: {"project": "spp:p1", "payment": "spp:pay", "amount": 20_000_00},
    "project.cost_declared": lambda known: {
        "project": "spp:p1", "declaration": "spp:dec", "category": "personnel", "amount": 10_000_00,
    },
    "project.ended": lambda known: {"reason": "end_of_term"},
    "door.tallied": lambda known: {"first": 1, "last": 1},
    "key.destroyed": lambda known: {
        "because_of": "00000000-0000-5000-8000-000000000000", "ground": "erased", "blocks": 1,
    },
}  # fmt: skip

_OF_PERSON: dict[str, dict[str, Any]] = {
    "linked": {},
    "unlinked": {"reason": "different_women"},
    "erased": {"ground": "objection"},
}


def _of_group(kind: str, cpas: str, number: int) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {
        "group.formed": {},
        "group.joined": {"participation": f"{cpas}:w1"},
        "group.left": {"participation": f"{cpas}:w1", "reason": "other"},
        "group.closed": {},
        "groupsession.held": {
            "groupsession": f"{cpas}:gs{number}", "duration_minutes": 120, "theme": "housing",
            "case_manager": f"{cpas}:cm", "present": [], "excused": [], "absent": [],
        },
        "groupsession.cancelled": {"groupsession": f"{cpas}:gs{number}", "reason": "too_few"},
    }  # fmt: skip
    return found[kind]


def _of_participation(kind: str, cpas: str, number: int, known: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "assessment.completed":
        moment = known.get("moment", "start")
        base = {"assessment": f"{cpas}:a{number}", "moment": moment, "instrument": "miriam-2022", "scores": scores()}
        return {**base, "changes": changes()} if moment == "end" else base
    found: dict[str, dict[str, Any]] = {
        "participation.referred": {"referrer": "herself"},
        "participation.enrolled": {
            "consented_on": "2023-01-01", "eligibility": "single_mother_cpas_service", "employment": "unemployed",
            "education": "upper_secondary", "children": 1, "language": "fr", "case_manager": f"{cpas}:cm",
            "person": person(number), "person_known_by": "number", "age_band": "30_54",
        },
        "participation.consent_withdrawn": {},
        "participation.ended": {"reason": "completed", "certificate": True},
        "participation.followed_up": {"situation": "employed"},
        "session.held": {
            "session": f"{cpas}:s{number}", "duration_minutes": 60, "place": "cpas", "theme": "housing",
            "case_manager": f"{cpas}:cm",
        },
        "session.missed": {"session": f"{cpas}:s{number}", "reason": "no_show"},
        "goal.set": {"goal": f"{cpas}:o{number}", "domain": "housing"},
        "goal.progressed": {"percent": 50},
        "goal.reached": {"evidence": "document"},
        "goal.abandoned": {"reason": "replaced"},
        "referral.made": {"referral": f"{cpas}:r{number}", "domain": "housing", "partner": "housing"},
        "referral.closed": {"outcome": "taken_up"},
    }  # fmt: skip
    return found[kind]
