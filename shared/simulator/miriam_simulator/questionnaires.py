"""Her answers at the start and at the end, drawn so that means and changes come out as published."""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from miriam_contracts import codes
from miriam_simulator.chance import stream
from miriam_simulator.desk import Desk, between
from miriam_simulator.editions import load
from miriam_simulator.plan import Place

_LOWEST, _HIGHEST = 0, 10
_START_SPREAD = 1.9
_CHANGE_SPREAD = 1.1
_WORSE = 0.22  # of those who are not better
_IF_SAME, _IF_WORSE = 0.2, -1.3


@dataclass(frozen=True, slots=True)
class Measure:
    """One domain: her mean at the start, the share that is better, and how far those moved.

    `better` is a share of all women, or among those who progressed for the four domains of the personal situation.
    """

    domain: str
    start: float
    better: float
    lift: float


@cache
def measures() -> tuple[Measure, ...]:
    """The measures of data/measures.json; the lift is what makes the mean change come out."""
    found = load("measures")
    share = found["progress"]["share"] / found["progress"]["of"]
    made = []
    for domain in codes.MEASURED_DOMAINS:
        row = found["domains"][domain]
        better = row.get("better", row.get("better_if_progress"))
        overall = better * (share if domain in codes.PERSONAL_SITUATION else 1.0)
        rest = (1 - overall) * ((1 - _WORSE) * _IF_SAME + _WORSE * _IF_WORSE)
        made.append(Measure(domain, row["start"], better, (row["change"] - rest) / overall))
    return tuple(made)


def answer(place: Place, desk: Desk) -> None:
    """Note her questionnaires, as the plan has them. Her true answers are drawn once, whether asked or not."""
    rng = stream(desk.seed, desk.edition.id, "answers", place.id)
    changes = _changes(place, rng)
    start = {each.domain: _score(rng.gauss(each.start, _START_SPREAD)) for each in measures()}
    first = desk.year.open_day(place.enrolled + rng.randint(0, 21))
    if place.has_start and first <= place.ends:
        _note(place, desk, "start", "a1", first, start, None, rng)
    if place.has_end:
        end = {each.domain: _score(start[each.domain] + _moved(each, changes[each.domain], rng)) for each in measures()}
        day = desk.year.open_day_before(between(rng, max(first, place.ends - 20), place.ends))
        _note(place, desk, "end", "a2", max(min(day, place.ends), place.enrolled), end, changes, rng)


def _note(
    place: Place, desk: Desk, moment: str, suffix: str, day: int,
    scores: dict[str, int], changes: dict[str, str] | None, rng: random.Random,
) -> None:  # fmt: skip
    gaps = load_gaps()
    answers: dict[str, Any] = {}
    for domain, score in scores.items():
        draw = rng.random()
        if draw < gaps["not_answered"]:
            answers[domain] = {"status": "not_answered"}
        elif draw < gaps["not_answered"] + gaps["not_available"]:
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


@cache
def load_gaps() -> dict[str, float]:
    """How often an answer is missing."""
    gaps: dict[str, float] = load("measures")["answers"]
    return gaps


def _changes(place: Place, rng: random.Random) -> dict[str, str]:
    found = {}
    for each in measures():
        of_the_four = each.domain in codes.PERSONAL_SITUATION
        if of_the_four and not place.answered:
            found[each.domain] = "not_answered"
        elif rng.random() < each.better and (place.progress or not of_the_four):
            found[each.domain] = "better"
        elif rng.random() < load_gaps()["not_answered"]:
            found[each.domain] = "not_answered"
        else:
            found[each.domain] = "worse" if rng.random() < _WORSE else "same"
    if place.progress and place.answered and not any(found[domain] == "better" for domain in codes.PERSONAL_SITUATION):
        found["social_support"] = "better"
    return found


def _moved(measure: Measure, change: str, rng: random.Random) -> float:
    mean = {"better": measure.lift, "worse": _IF_WORSE}.get(change, _IF_SAME)
    return rng.gauss(mean, _CHANGE_SPREAD)


def _score(value: float) -> int:
    return min(_HIGHEST, max(_LOWEST, round(value)))
