"""Referrals to partners, and what became of them."""

from miriam_contracts import codes
from miriam_simulator.chance import Weighted
from miriam_simulator.desk import Desk
from miriam_simulator.plan import Place

_HOW_MANY = Weighted({0: 4.0, 1: 10.0, 2: 22.0, 3: 28.0, 4: 22.0, 5: 14.0})
_DOMAINS = Weighted(zip(codes.LIFE_DOMAINS, (16, 14, 17, 15, 12, 11, 5, 2, 6, 2), strict=True))
# Which partner a life domain leads to; one in eight goes elsewhere.
_PARTNER = {
    "finances": "debt_mediation",
    "housing": "housing",
    "health": "health_care",
    "employment": "employment",
    "training": "training",
    "children_and_family": "childcare",
    "social_network": "leisure",
    "mobility": "other",
    "rights_and_administration": "legal",
    "self_confidence": "mental_health",
}
_ELSEWHERE = 0.125
_CLOSED = 0.78
_OUTCOMES = Weighted({"taken_up": 68.0, "not_taken_up": 18.0, "refused_by_partner": 6.0, "unknown": 8.0})


def play(place: Place, desk: Desk) -> None:
    """Note her referrals between her enrolment and her end."""
    rng, year = desk.rng, desk.year
    for number in range(1, _HOW_MANY(rng) + 1):
        day = year.open_day(place.enrolled + rng.randint(10, 200))
        if day > place.ends:
            continue
        referral = f"{place.id}-r{number}"
        domain = _DOMAINS(rng)
        partner = rng.choice(codes.PARTNERS) if rng.random() < _ELSEWHERE else _PARTNER[domain]
        facts = {"referral": referral, "domain": domain, "partner": partner}
        made = desk.of_place(place, "referral.made", f"r{number}-made", day, desk.promptly(day), facts)
        if rng.random() < _CLOSED:
            day = year.open_day(day + rng.randint(14, 75))
            facts = {"referral": referral, "outcome": _OUTCOMES(rng)}
            desk.of_place(place, "referral.closed", f"r{number}-closed", day, desk.promptly(day), facts, made)
