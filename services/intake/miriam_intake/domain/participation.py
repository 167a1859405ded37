"""The course of a participation: referred, enrolled, accompanied with or without pauses, ended, followed up.

A woman who comes back, or moves, has a new participation; so one is enrolled once and ended once.
"""

from collections.abc import Iterator

from miriam_contracts.history import Fact, History, Standing
from miriam_contracts.judging import day, last_until, not_after, not_before, once, only
from miriam_contracts.problems import Problem


def referred(fact: Fact, state: History) -> Iterator[Problem]:
    """At most once, and not after she was enrolled."""
    yield from once(state, "participation", "referred", "already_referred")
    enrolment = _enrolment(state)
    if enrolment:
        yield from not_after(fact, day(enrolment), "referred_after_enrolment")


def enrolled(fact: Fact, state: History) -> Iterator[Problem]:
    """Once; she agreed before, or on that day; a referral came before, or on that day."""
    yield from once(state, "participation", "enrolled", "already_enrolled")
    if fact.data["consented_on"] > day(fact):
        yield Problem("consent_after_enrolment", "data/consented_on", f"..{day(fact)}")
    referral = only(state.standing("participation", "referred"))
    if referral:
        yield from not_before(fact, day(referral), "enrolled_before_referral")


def case_manager_changed(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while she is enrolled."""
    yield from _while_enrolled(fact, state)


def paused(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while she is enrolled, and not during another pause."""
    yield from _while_enrolled(fact, state)
    if _is_paused(state, day(fact)):
        yield Problem("already_paused", "data/occurred_on")


def resumed(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while she is enrolled, and after a pause."""
    yield from _while_enrolled(fact, state)
    if not _is_paused(state, day(fact)):
        yield Problem("not_paused", "data/occurred_on")


def consent_withdrawn(fact: Fact, state: History) -> Iterator[Problem]:
    """Only while she is enrolled, and once."""
    yield from _while_enrolled(fact, state)
    yield from once(state, "participation", "consent_withdrawn", "consent_already_withdrawn")


def ended(fact: Fact, state: History) -> Iterator[Problem]:
    """Only if she was enrolled, not before that, and once."""
    enrolment = _enrolment(state)
    if enrolment is None:
        yield Problem("not_enrolled", "data/participation")
        return
    yield from once(state, "participation", "ended", "already_ended")
    yield from not_before(fact, day(enrolment), "before_enrolment")


def followed_up(fact: Fact, state: History) -> Iterator[Problem]:
    """Only after her participation ended."""
    end = only(state.standing("participation", "ended"))
    if end is None:
        yield Problem("not_ended", "data/participation")
    else:
        yield from not_before(fact, day(end), "before_end")


def _enrolment(state: History) -> Standing | None:
    return only(state.standing("participation", "enrolled"))


def _while_enrolled(fact: Fact, state: History) -> Iterator[Problem]:
    enrolment = _enrolment(state)
    if enrolment is None:
        yield Problem("not_enrolled", "data/participation")
        return
    yield from not_before(fact, day(enrolment), "before_enrolment")
    end = only(state.standing("participation", "ended"))
    if end:
        yield from not_after(fact, day(end), "after_end")


def _is_paused(state: History, on: str) -> bool:
    last = last_until(state.standing("participation", "paused", "resumed"), on)
    return last is not None and last.name == "paused"


RULES = {
    "participation.referred": referred,
    "participation.enrolled": enrolled,
    "participation.case_manager_changed": case_manager_changed,
    "participation.paused": paused,
    "participation.resumed": resumed,
    "participation.consent_withdrawn": consent_withdrawn,
    "participation.ended": ended,
    "participation.followed_up": followed_up,
}
