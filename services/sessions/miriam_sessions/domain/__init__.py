"""The rules of sessions, pure: a history and a fact in, what is to be recorded or a refusal out.

Whether intake knows the participation is no rule here: services do not wait for each other, and what does not match
(yet) is left out of the figures by that name.
"""

from miriam_contracts.history import INITIAL as initial
from miriam_contracts.history import decider, evolve
from miriam_sessions.domain import assessment, goal, referral, session

RULES = {**session.RULES, **goal.RULES, **assessment.RULES, **referral.RULES}

decide = decider(RULES)

__all__ = ["RULES", "decide", "evolve", "initial"]
