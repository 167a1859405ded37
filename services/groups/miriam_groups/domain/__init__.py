"""The rules of groups, pure: a history and a fact in, what is to be recorded or a refusal out.

A group and its sessions are one stream: who may be present on a day is known there, without asking another service.
"""

from miriam_contracts.history import INITIAL as initial
from miriam_contracts.history import decider, evolve
from miriam_groups.domain import group, groupsession

RULES = {**group.RULES, **groupsession.RULES}

decide = decider(RULES)

__all__ = ["RULES", "decide", "evolve", "initial"]
