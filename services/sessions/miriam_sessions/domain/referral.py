"""A referral is made, and later something becomes of it: each once."""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History, Standing
from miriam_contracts.judging import day, not_before, only, where
from miriam_contracts.problems import Problem


def made(fact: Fact, state: History) -> Iterator[Problem]:
    """Once under its id."""
    if _of_the_referral(fact, state, "made"):
        yield Problem("referral_already_made", "data/referral")


def closed(fact: Fact, state: History) -> Iterator[Problem]:
    """Only one that was made, not before that day, and once."""
    start = _of_the_referral(fact, state, "made")
    if start is None:
        yield Problem("referral_not_made", "data/referral")
        return
    if _of_the_referral(fact, state, "closed"):
        yield Problem("referral_already_closed", "data/referral")
    yield from not_before(fact, day(start), "before_referral")


def _of_the_referral(fact: Fact, state: History, name: str) -> Standing | None:
    return only(where(state.standing("referral", name), "referral", fact.data["referral"]))


RULES = {"referral.made": made, "referral.closed": closed}
