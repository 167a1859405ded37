"""Codes of the register: rights, reasons and grounds, each with the article of the GDPR that it stands for."""

from collections.abc import Mapping

# What a person may ask for.
RIGHTS: Mapping[str, str] = {
    "access": "15",
    "rectification": "16",
    "erasure": "17",
    "restriction": "18",
    "objection": "21",
}
# Why it takes two months more.
EXTENSION_REASONS: Mapping[str, str] = {"complexity": "12(3)", "number_of_requests": "12(3)"}
# Why data are erased.
ERASURE_GROUNDS: Mapping[str, str] = {
    "no_longer_needed": "17(1)(a)",
    "consent_withdrawn": "17(1)(b)",
    "objection": "17(1)(c)",
    "unlawful": "17(1)(d)",
    "legal_obligation": "17(1)(e)",
    "child_online_service": "17(1)(f)",
}
# As an erasure in the ledger says it, whose contract has four grounds: data that a law bids to erase are held
# unlawfully, and a child's online service rests on consent.
_EMITTED = {"legal_obligation": "unlawful", "child_online_service": "consent_withdrawn"}
# Why a request is refused, whatever it asks for.
_ALWAYS = {"manifestly_unfounded": "12(5)(b)", "excessive": "12(5)(b)", "not_identified": "12(2)"}
# Why a request is refused, by right.
REFUSAL_GROUNDS: Mapping[str, Mapping[str, str]] = {
    "access": {"rights_of_others": "15(4)", **_ALWAYS},
    "rectification": {"data_are_accurate": "16", **_ALWAYS},
    "erasure": {
        "no_erasure_ground": "17(1)",
        "freedom_of_expression": "17(3)(a)",
        "obligation_or_public_task": "17(3)(b)",
        "public_health": "17(3)(c)",
        "archiving_research_statistics": "17(3)(d)",
        "legal_claims": "17(3)(e)",
        **_ALWAYS,
    },
    "restriction": {"no_restriction_case": "18(1)", **_ALWAYS},
    "objection": {"compelling_grounds": "21(1)", "statistics_of_public_task": "21(6)", **_ALWAYS},
}


def emitted(ground: str) -> str:
    """The ground that the erasure's event names, for a ground of ERASURE_GROUNDS."""
    return _EMITTED.get(ground, ground)
