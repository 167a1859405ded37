"""Individual sessions: every one to three weeks, at her own pace; some are missed, fewer in the school breaks."""

from miriam_contracts import codes
from miriam_simulator.chance import Weighted
from miriam_simulator.desk import Desk
from miriam_simulator.people import Woman, note
from miriam_simulator.plan import Place

_TEMPOS = Weighted({7: 80.0, 10: 10.0, 14: 7.0, 21: 3.0})
_DURATIONS = Weighted({30: 9.0, 45: 22.0, 60: 34.0, 75: 13.0, 90: 14.0, 120: 6.0, 150: 2.0})
_PLACES = Weighted({"cpas": 62.0, "home": 17.0, "outside": 9.0, "phone": 9.0, "online": 3.0})
_REASONS = Weighted({"excused": 55.0, "no_show": 33.0, "cancelled_by_cpas": 12.0})
THEMES = Weighted(zip(codes.LIFE_DOMAINS, (17, 15, 12, 11, 9, 13, 6, 3, 10, 4), strict=True))
_MISSED = 0.13
_NOTED = 0.12
_MOST = 89
_LATER = 3


def play(place: Place, desk: Desk, her: Woman, pause: tuple[int, int] | None) -> None:
    """Note her sessions from her enrolment to her end."""
    rng, year = desk.rng, desk.year
    tempo = _TEMPOS(rng)
    day = year.open_day(place.enrolled + rng.randint(1, 16))
    number = 0
    while day <= place.ends and number < _MOST:
        resting = pause is not None and pause[0] <= day < pause[1]
        if resting or not year.takes_place(day, rng):
            day = year.open_day(day + _LATER)  # put off, not dropped
            continue
        number += 1
        if number > 1 and rng.random() < _MISSED:
            facts = {"session": f"{place.id}-s{number:02d}", "reason": _REASONS(rng)}
            desk.of_place(place, "session.missed", f"s{number:02d}", day, desk.slowly(day), facts)
        else:
            hold(place, desk, her, day, number)
        day = year.open_day(day + max(4, tempo + rng.randint(-3, 2)))


def hold(place: Place, desk: Desk, her: Woman, day: int, number: int) -> None:
    """Note one session that took place."""
    rng = desk.rng
    changes = place.project.manager_changes
    facts = {
        "session": f"{place.id}-s{number:02d}",
        "duration_minutes": _DURATIONS(rng),
        "place": _PLACES(rng),
        "theme": THEMES(rng),
        "case_manager": desk.case_manager(place.project.number, changes is not None and day >= changes),
    }
    if rng.random() < _NOTED:
        facts["personal"] = note(rng, her, desk.language, "session")
    desk.of_place(place, "session.held", f"s{number:02d}", day, desk.slowly(day), facts)
