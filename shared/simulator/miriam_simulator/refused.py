"""Emissions that the door must refuse, each with the rule that refuses it: the generator's own truth.

Most are a first attempt that is put right a moment later; some are a fact told twice under two ids. None is recorded,
and none takes anything away from what is. What the emitter itself cannot send (a fraction, a national number as id) is
not among them.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from miriam_contracts.upcasting import version_of
from miriam_simulator import mending
from miriam_simulator.desk import Desk
from miriam_simulator.diary import RECORDED, REFUSED, Event, Item

A_CPAS_EACH = 6
_SOON = 25  # seconds between the wrong attempt and the right one
_SOMEBODY_S_NUMBER = "85030412212"  # valid, and invented
_NEVER_RECORDED = "00000000-0000-5000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One way to be refused: what to do to a copy of a good emission of one type, before it or after it."""

    rule: str
    of: str
    spoil: Callable[[Event], None]
    after: bool = False


def _data(**changes: object) -> Callable[[Event], None]:
    return lambda event: event["data"].update(changes)


def _without(name: str) -> Callable[[Event], None]:
    return lambda event: event["data"].pop(name, None)


def _stranger(event: Event) -> None:
    event["subject"] = event["data"]["participation"] = "elsewhere:p-001"


def _other_subject(event: Event) -> None:
    event["subject"] += "0"


def _unknown_theme(event: Event) -> None:
    event["data"].update({"themes": ["shopping"]} if "themes" in event["data"] else {"theme": "shopping"})


def _out_of_bounds(event: Event) -> None:
    event["data"].update({"duration": "PT12H1M"} if "duration" in event["data"] else {"duration_minutes": 0})


def _without_length(event: Event) -> None:
    del event["data"]["duration" if "duration" in event["data"] else "duration_minutes"]


def _type(name: str) -> Callable[[Event], None]:
    return lambda event: event.update(type=name)


def _score(answer: Event) -> Callable[[Event], None]:
    return lambda event: event["data"]["scores"].update(leisure=answer)


def _twice_in_the_lists(event: Event) -> None:
    event["data"]["absent"].append(event["data"]["present"][0])


def _present_twice(event: Event) -> None:
    event["data"]["present"].append(event["data"]["present"][0])


def _unknown_member(event: Event) -> None:
    event["data"]["present"].append(event["data"]["present"][0] + "99")


def _other_goal(event: Event) -> None:
    event["data"]["goal"] += "9"


def _approve(event: Event) -> None:
    project = event["subject"] = event["data"]["project"]
    event["type"] = "miriam.project.payment_made.v1"
    event["data"] = {
        "project": project,
        "occurred_on": event["data"]["occurred_on"],
        "payment": f"{project}-own",
        "amount": 100,
    }


def _number_in_id(event: Event) -> None:
    event["data"]["session"] = f"{event['source'][6:]}:s-{_SOMEBODY_S_NUMBER}"


def _correct_nothing(event: Event) -> None:
    event["type"] = f"miriam.session.corrected.v{version_of(event['type'])}"
    event["data"] = {
        "occurred_on": event["data"]["occurred_on"],
        "corrects": _NEVER_RECORDED,
        "supersedes": _NEVER_RECORDED,
        "fact": "held",
        "reason": "other",
        "replacement": event["data"],
    }


WAYS = (
    Wrong("score_outside_scale", "assessment.completed", _score({"status": "valid", "score": 11})),
    Wrong("unknown_code", "session.held", _unknown_theme),
    Wrong("in_the_future", "session.held", _data(occurred_on="2199-12-31")),
    Wrong("out_of_range", "session.held", _out_of_bounds),
    Wrong("required", "session.held", _without_length),
    Wrong("unknown_field", "session.missed", _data(remark="see file")),
    Wrong("not_own_id", "session.held", _stranger),
    Wrong("repeated_value", "groupsession.held", _present_twice),
    Wrong("score_with_status", "assessment.completed", _score({"status": "not_answered", "score": 4})),
    Wrong("changes_at_end", "assessment.completed", _data(moment="end", changes=None)),
    Wrong("not_a_date", "goal.set", _data(occurred_on="31/12/2023")),
    Wrong("wrong_type", "goal.progressed", _data(percent="half")),
    Wrong("subject_differs", "referral.made", _other_subject),
    Wrong("unknown_type", "session.missed", _type("miriam.session.forgotten.v1")),
    Wrong("type_not_allowed", "referral.made", _approve),
    Wrong("national_number_in_id", "session.held", _number_in_id),
    Wrong("fact_not_found", "session.held", _correct_nothing),
    Wrong("consent_after_enrolment", "participation.enrolled", _data(consented_on="2199-12-31")),
    Wrong("goal_not_set", "goal.progressed", _other_goal),
    Wrong("woman_in_two_lists", "groupsession.held", _twice_in_the_lists),
    Wrong("not_a_member", "groupsession.held", _unknown_member),
    Wrong("already_enrolled", "participation.enrolled", _without("nothing"), after=True),
    Wrong("already_ended", "participation.ended", _without("nothing"), after=True),
    Wrong("goal_already_set", "goal.set", _without("nothing"), after=True),
    Wrong("goal_has_outcome", "goal.reached", _without("nothing"), after=True),
    Wrong("referral_already_closed", "referral.closed", _without("nothing"), after=True),
    Wrong("session_id_used", "session.missed", _without("nothing"), after=True),
    Wrong("already_member", "group.joined", _without("nothing"), after=True),
)


def play(desk: Desk, turn: int) -> None:
    """Add some emissions that must be refused. `turn` moves on through the ways, so that a scenario has them all."""
    for step in range(A_CPAS_EACH):
        way = WAYS[(turn * A_CPAS_EACH + step) % len(WAYS)]
        fit = [item for item in desk.diary.items if item.type == way.of and item.expect == RECORDED and not item.latest]
        fit = [item for item in fit if _fits(way, item)]
        if fit:
            _add(desk, way, desk.rng.choice(fit), f"no{step + 1}")
    _stale(desk)


def _fits(way: Wrong, item: Item) -> bool:
    data = item.event["data"]
    if way.of == "groupsession.held":
        return bool(data["present"])
    return way.rule != "changes_at_end" or data["moment"] == "end"


def _add(desk: Desk, way: Wrong, item: Item, suffix: str) -> None:
    event = copy.deepcopy(item.event)
    way.spoil(event)
    if event["data"].get("changes", "") is None:
        del event["data"]["changes"]
    _, family, fact, _ = event["type"].split(".")
    noted = item.noted + (_SOON if way.after else -_SOON)
    wrong = desk.diary.note(
        f"{family}.{fact}",
        f"{event['id']}-{suffix}",
        event["subject"],
        event["data"],
        noted=noted,
        version=version_of(event["type"]),
    )
    wrong.expect, wrong.rule = REFUSED, way.rule


def _stale(desk: Desk) -> None:
    """Correct a corrected fact as if it had not been: somebody had an old page open."""
    last = next(
        (item for item in reversed(desk.diary.items) if item.type == "session.corrected" and item.expect != REFUSED),
        None,
    )
    if last is None:
        return
    first = last.event["data"]["corrects"]
    item = next(item for item in desk.diary.items if item.latest and item.recorded_id() == first)
    right = {name: value for name, value in item.event["data"].items() if name != "personal"}
    made = mending.correct(desk.diary, item, right, noted=last.noted + 3600, reason="other", supersedes=first)
    made.expect, made.rule = REFUSED, "stale_version"
