"""Goals: what she sets out to reach, the steps towards it, and what became of it."""

from miriam_contracts import codes
from miriam_simulator.chance import Weighted
from miriam_simulator.desk import Desk, between
from miriam_simulator.diary import Item
from miriam_simulator.people import Woman, note
from miriam_simulator.plan import Place

_HOW_MANY = Weighted({2: 8.0, 3: 24.0, 4: 36.0, 5: 22.0, 6: 10.0})
_DOMAINS = Weighted(zip(codes.LIFE_DOMAINS, (19, 14, 9, 14, 12, 10, 8, 4, 6, 4), strict=True))
_EVIDENCE = Weighted({"self_declared": 44.0, "case_manager": 34.0, "document": 22.0})
_WHY_NOT = Weighted({"no_longer_wanted": 33.0, "not_feasible": 34.0, "replaced": 26.0, "other": 7.0})
_REACHED, _ABANDONED = 0.64, 0.14
_NOTED = 0.2
_STEP_DAYS = (12, 34)


def play(place: Place, desk: Desk, her: Woman) -> None:
    """Note her goals, each in its own order."""
    for number in range(1, _HOW_MANY(desk.rng) + 1):
        _play_one(place, desk, her, number)


def _play_one(place: Place, desk: Desk, her: Woman, number: int) -> None:
    rng, year = desk.rng, desk.year
    goal, suffix = f"{place.id}-g{number}", f"g{number}"
    day = year.open_day(place.enrolled + rng.randint(5, 45) * (number + 1) // 2)
    if day > place.ends:
        return
    facts: dict[str, object] = {"goal": goal, "domain": _DOMAINS(rng)}
    if rng.random() < _NOTED:
        facts["personal"] = note(rng, her, desk.language, "goal")
    last: Item = desk.of_place(place, "goal.set", f"{suffix}-set", day, desk.promptly(day), facts)
    percent = 0
    for step in range(1, rng.randint(3, 9)):
        day = year.open_day(day + rng.randint(*_STEP_DAYS))
        if day > place.ends:
            break
        percent = min(95, percent + 5 * rng.randint(1, 5))
        last = desk.of_place(
            place,
            "goal.progressed",
            f"{suffix}-p{step}",
            day,
            desk.promptly(day),
            {"goal": goal, "percent": percent},
            last,
        )
    _finish(place, desk, goal, suffix, min(day, place.ends), last)


def _finish(place: Place, desk: Desk, goal: str, suffix: str, day: int, last: Item) -> None:
    rng = desk.rng
    stayed = place.reason in ("completed", "employment", "training", "")
    draw = rng.random() if stayed else 0.5 + rng.random() / 2
    day = between(rng, day, place.ends)
    if draw < _REACHED:
        how = {"goal": goal, "evidence": _EVIDENCE(rng)}
        desk.of_place(place, "goal.reached", f"{suffix}-reached", day, desk.promptly(day), how, last)
    elif draw < _REACHED + _ABANDONED or not stayed:
        why = {"goal": goal, "reason": _WHY_NOT(rng) if stayed else "left_programme"}
        desk.of_place(place, "goal.abandoned", f"{suffix}-abandoned", day, desk.promptly(day), why, last)
