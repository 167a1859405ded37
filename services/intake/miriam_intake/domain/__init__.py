"""The rules of intake, pure: a history and a fact in, what is to be recorded or a refusal out."""

from miriam_contracts.history import INITIAL as initial
from miriam_contracts.history import decider, evolve
from miriam_intake.domain import consortium, cpas, edition, participation, person, project

RULES = {**edition.RULES, **cpas.RULES, **consortium.RULES, **project.RULES, **participation.RULES, **person.RULES}

decide = decider(RULES)

__all__ = ["RULES", "decide", "evolve", "initial"]
