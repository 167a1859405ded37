"""What the authority mends after the close: facts of a CPAS, each with a reason."""

from miriam_simulator import mending
from miriam_simulator.diary import RECORDED, Diary, at
from miriam_simulator.editions import Edition

_OFFICE = 11 * 3600
_DAYS_AFTER_CLOSE = 14
_ENROLMENTS = 2


def overrule(authority: Diary, cpas: Diary, edition: Edition) -> None:
    """Correct the schooling at entry of two women, and retract one session that was nobody's.

    All of it rests on facts noted before the close, and comes well after it, when those are recorded.
    """
    noted = at(edition.closed_on + _DAYS_AFTER_CLOSE, _OFFICE)
    fit = [item for item in cpas.until(edition.closed_on) if item.expect == RECORDED and not item.latest]
    for item in [item for item in fit if item.type == "participation.enrolled"][:_ENROLMENTS]:
        replacement = {name: value for name, value in item.event["data"].items() if name != "personal"}
        replacement["education"] = "upper_secondary"
        mending.correct(authority, item, replacement, noted=noted, reason="new_information")
    for item in [item for item in fit if item.type == "session.missed"][:1]:
        mending.retract(authority, item, noted=noted + 60, reason="wrong_person")
