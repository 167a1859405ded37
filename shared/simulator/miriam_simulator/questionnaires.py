"""Her answers at the start and at the end, drawn so that means and changes come out as published."""

import random
from typing import Any

from miriam_contracts import codes
from miriam_simulator.chance import stream
from miriam_simulator.desk import Desk, between
from miriam_simulator.measures import (
    CHANGE_SPREAD,
    IF_SAME,
    IF_WORSE,
    START_SPREAD,
    WORSE,
    Measure,
    gaps,
    measures,
    score_of,
)
from miriam_simulator.plan import Place


def answer(place: Place, desk: Desk) -> None:
    """Note her questionnaires, as the plan has them. Her true answers are drawn once, whether asked or not."""
    rng = stream(desk.seed, desk.edition.id, "answers", place.id)
    changes = _changes(place, rng)
    start = {each.domain: score_of(rng.gauss(each.start, START_SPREAD)) for each in measures()}
    first = desk.year.open_day(place.enrolled + rng.randint(0, 21))
    if place.has_start and first <= place.ends:
        _note(place, desk, "start", "a1", first, start, None, rng)
    if place.has_end:
        end = {
            each.domain: score_of(start[each.domain] + _moved(each, changes[each.domain], rng)) for each in measures()
        }
        day = desk.year.open_day_before(between(rng, max(first, place.ends - 20), place.ends))
        _note(place, desk, "end", "a2", max(min(day, place.ends), place.enrolled), end, changes, rng)


def _note(
    place: Place, desk: Desk, moment: str, suffix: str, day: int,
    scores: dict[str, int], changes: dict[str, str] | None, rng: random.Random,
) -> None:  # fmt: skip
    missing = gaps()
    answers: dict[str, Any] = {}
    for domain, score in scores.items():
        draw = rng.random()
        if draw < missing["not_answered"]:
            answers[domain] = {"status": "not_answered"}
        elif draw < missing["not_answered"] + missing["not_available"]:
            answers[domain] = {"status": "not_available"}
        else:
            answers[domain] = {"status": "valid", "score": score}
    facts: dict[str, Any] = {
        "assessment": f"{place.id}-{suffix}",
        "moment": moment,
        "instrument": desk.edition.facts["instrument"],
        "scores": answers,
    }
    if changes is not None:
        facts["changes"] = changes
    desk.of_place(place, "assessment.completed", suffix, day, desk.slowly(day), facts)


def _changes(place: Place, rng: random.Random) -> dict[str, str]:
    found = {}
    for each in measures():
        of_the_four = each.domain in codes.PERSONAL_SITUATION
        if of_the_four and not place.answered:
            found[each.domain] = "not_answered"
        elif rng.random() < each.better and (place.progress or not of_the_four):
            found[each.domain] = "better"
        elif rng.random() < gaps()["not_answered"]:
            found[each.domain] = "not_answered"
        else:
            found[each.domain] = "worse" if rng.random() < WORSE else "same"
    if place.progress and place.answered and not any(found[domain] == "better" for domain in codes.PERSONAL_SITUATION):
        found["social_support"] = "better"
    return found


def _moved(measure: Measure, change: str, rng: random.Random) -> float:
    mean = {"better": measure.lift, "worse": IF_WORSE}.get(change, IF_SAME)
    return rng.gauss(mean, CHANGE_SPREAD)
