"""The questionnaire's domains, each with a distribution whose means are the published ones.

A score is a whole number from 0 to 10, so a change drawn from a bell is cut at both ends. How far those who are better
must move, for the mean change to come out all the same, is found by computing the expectation, not by trying.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import erf, inf, prod, sqrt

from miriam_contracts import codes
from miriam_simulator.editions import load

LOWEST, HIGHEST = 0, 10
START_SPREAD = 1.9
CHANGE_SPREAD = 1.1
WORSE = 0.22  # of those who are not better
IF_SAME, IF_WORSE = 0.2, -1.3  # mean change, in points
_FARTHEST = 9.0
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Measure:
    """One domain: her mean at the start, the chance to be better, and how many points those moved on average.

    `better` is a chance of all women, or of those who progressed for the four domains of the personal situation.
    """

    domain: str
    start: float
    better: float
    lift: float


@cache
def measures() -> tuple[Measure, ...]:
    """The measures of data/measures.json, in the order of the questionnaire."""
    found = load("measures")
    progress = found["progress"]["share"] / found["progress"]["of"]
    rows = found["domains"]
    # Who progressed without being better in any of the four is better in social support.
    none_of_the_four = prod(1 - rows[domain]["better_if_progress"] for domain in codes.PERSONAL_SITUATION)
    made = []
    for domain in codes.MEASURED_DOMAINS:
        row = rows[domain]
        better = row.get("better", row.get("better_if_progress"))
        overall = better
        if domain in codes.PERSONAL_SITUATION:
            overall = progress * (better + (none_of_the_four if domain == "social_support" else 0))
        start = _centre(row["start"])
        made.append(Measure(domain, start, better, _lift(start, row["change"], overall)))
    return tuple(made)


@cache
def gaps() -> dict[str, float]:
    """How often an answer is missing, by kind."""
    found: dict[str, float] = load("measures")["answers"]
    return found


def score_of(value: float) -> int:
    """The nearest score on the scale."""
    return min(HIGHEST, max(LOWEST, round(value)))


def _centre(mean: float) -> float:
    """The centre of the bell whose scores have that mean."""
    return _solve(lambda centre: _mean(_scores(centre, START_SPREAD)), mean)


def _lift(start: float, change: float, better: float) -> float:
    """The mean move of those who are better that makes the mean change of all come out."""
    at_start = _scores(start, START_SPREAD)

    def after(moved: float) -> float:
        return sum(p * (_mean(_scores(score + moved, CHANGE_SPREAD)) - score) for score, p in at_start.items())

    rest = (1 - better) * ((1 - WORSE) * after(IF_SAME) + WORSE * after(IF_WORSE))
    return _solve(lambda lift: better * after(lift) + rest, change)


def _scores(centre: float, spread: float) -> dict[int, float]:
    """The chance of each score when a bell is rounded to the scale."""
    bounds = [-inf, *(score + 0.5 for score in range(LOWEST, HIGHEST)), inf]
    below = [(1 + erf((bound - centre) / (spread * sqrt(2)))) / 2 for bound in bounds]
    return {score: below[score + 1] - below[score] for score in range(LOWEST, HIGHEST + 1)}


def _mean(chances: dict[int, float]) -> float:
    return sum(score * chance for score, chance in chances.items())


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    low, high = -_FARTHEST, HIGHEST + _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2
