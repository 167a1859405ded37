"""A session is held or missed: once under its id."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History
from miriam_contracts.judging import only, where
from miriam_contracts.problems import Problem


def held_or_missed(fact: Fact, state: History) -> Iterator[Problem]:
    """No other session of the participation, held or missed, has its id."""
    if only(where(state.standing("session", "held", "missed"), "session", fact.data["session"])):
        yield Problem("session_id_used", "data/session")


RULES = {"session.held": held_or_missed, "session.missed": held_or_missed}
