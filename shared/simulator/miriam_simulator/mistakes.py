"""Mistakes that were noticed: typed wrongly and corrected, corrected again, entered twice and retracted, sent twice.

The wrong value is the first one: after all corrections every fact says what the plan meant.
"""

import copy
import random
from collections.abc import Callable

from miriam_contracts import codes
from miriam_contracts.envelope import without_personal
from miriam_simulator import mending
from miriam_simulator.desk import Desk
from miriam_simulator.diary import RECORDED, Event, Item, at

_CORRECTED = 0.014
_CORRECTED_AGAIN = 0.15
_ENTERED_TWICE = 0.004
_SENT_TWICE = 0.008
_WITH_BLOCK = 0.5  # of the replacements whose fact had a personal block
_OFFICE = 9 * 3600


def play(desk: Desk) -> None:
    """Spoil some facts of a diary and mend them, and send some emissions again."""
    rng = desk.rng
    for item in list(desk.diary.items):
        spoil = SPOILERS.get(item.type)
        if spoil is not None and not item.latest and rng.random() < _CORRECTED:
            _spoil_and_mend(desk, item, spoil)
        elif item.type == "session.held" and not item.latest and rng.random() < _ENTERED_TWICE:
            _enter_twice(desk, item)


def send_twice(desk: Desk) -> None:
    """Send some emissions once more, as after a lost receipt. Last of all, so that nothing changes them afterwards."""
    for item in list(desk.diary.items):
        if item.expect == RECORDED and desk.rng.random() < _SENT_TWICE:
            desk.diary.again(item, item.noted + desk.rng.choice((60, 3600, 86_400)))


def _spoil_and_mend(desk: Desk, item: Item, spoil: Callable[[Event, random.Random], str | None]) -> None:
    rng = desk.rng
    right = copy.deepcopy(item.event["data"])
    reason = spoil(item.event["data"], rng)
    if reason is None:
        return
    if "personal" in right and rng.random() >= _WITH_BLOCK:
        right = without_personal(right)
    noted = at(item.day + rng.randint(1, 45), _OFFICE + rng.randrange(3600))
    if rng.random() < _CORRECTED_AGAIN:
        half_right = copy.deepcopy(right)
        spoil(half_right, rng)
        noted = mending.correct(desk.diary, item, half_right, noted=noted, reason=reason).noted + rng.randint(
            60, 400_000
        )
    mending.correct(desk.diary, item, right, noted=noted, reason=reason)


def _enter_twice(desk: Desk, item: Item) -> None:
    data = without_personal(copy.deepcopy(item.event["data"]))
    data["session"] += "-bis"
    event = item.event
    second = desk.diary.note("session.held", f"{event['id']}-bis", event["subject"], data, noted=item.noted + 90)
    mending.retract(desk.diary, second, noted=at(item.day + desk.rng.randint(1, 20), _OFFICE), reason="duplicate")


def _other(values: tuple[str, ...], value: str, rng: random.Random) -> str:
    return rng.choice([each for each in values if each != value])


def _session_held(data: Event, rng: random.Random) -> str:
    if rng.random() < 0.6:
        data["duration_minutes"] = max(15, data["duration_minutes"] + rng.choice((-15, 15, 30)))
        return "typing_error"
    data["theme"] = _other(codes.LIFE_DOMAINS, data["theme"], rng)
    return "new_information"


def _session_missed(data: Event, rng: random.Random) -> str:
    data["reason"] = _other(codes.MISSED_REASONS, data["reason"], rng)
    return "new_information"


def _goal_set(data: Event, rng: random.Random) -> str:
    data["domain"] = _other(codes.LIFE_DOMAINS, data["domain"], rng)
    return "typing_error"


def _goal_reached(data: Event, rng: random.Random) -> str:
    data["evidence"] = _other(codes.EVIDENCE_KINDS, data["evidence"], rng)
    return "new_information"


def _referral_made(data: Event, rng: random.Random) -> str:
    data["partner"] = _other(codes.PARTNERS, data["partner"], rng)
    return "typing_error"


def _assessment(data: Event, rng: random.Random) -> str | None:
    answers = [answer for answer in data["scores"].values() if answer["status"] == "valid"]
    if not answers:
        return None
    answer = rng.choice(answers)
    answer["score"] = 10 - answer["score"] if answer["score"] != 5 else 6
    return "typing_error"


def _enrolled(data: Event, rng: random.Random) -> str:
    if rng.random() < 0.5:
        data["children"] += 1
        return "typing_error"
    data["education"] = _other(codes.EDUCATION, data["education"], rng)
    return "new_information"


def _group_session(data: Event, rng: random.Random) -> str | None:
    if not data["absent"]:
        return None
    data["present"].append(data["absent"].pop(rng.randrange(len(data["absent"]))))
    return "wrong_person"


SPOILERS: dict[str, Callable[[Event, random.Random], str | None]] = {
    "session.held": _session_held,
    "session.missed": _session_missed,
    "goal.set": _goal_set,
    "goal.reached": _goal_reached,
    "referral.made": _referral_made,
    "assessment.completed": _assessment,
    "participation.enrolled": _enrolled,
    "groupsession.held": _group_session,
}
