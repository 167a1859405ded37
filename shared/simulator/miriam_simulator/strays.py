"""Sessions that are recorded, then left out of the figures by name: the wrong project or day, nobody enrolled."""

from collections.abc import Callable

from miriam_simulator import mending
from miriam_simulator.desk import Desk
from miriam_simulator.diary import Item
from miriam_simulator.editions import AUTHORITY, iso
from miriam_simulator.plan import Place
from miriam_simulator.sessions import THEMES

_HOW_OFTEN = 0.03
_MENDED = 0.5
_FIRST_NUMBER = 90  # beyond the numbers of planned sessions of most women, so that ids never meet


def play(places: list[Place], desk: Desk) -> None:
    """Note some stray sessions of a CPAS."""
    for place in places:
        if place.attends and place.kind == "regular" and desk.rng.random() < _HOW_OFTEN:
            desk.rng.choice(_KINDS)(place, desk)


def _wrong_project(place: Place, desk: Desk) -> None:
    project = f"{AUTHORITY}:{desk.edition.year}-{place.cpas.id}-9"
    item = _stray(place, desk, _a_day(place, desk), project=project)
    if desk.chance(_MENDED):
        right = {**item.event["data"], "project": place.project.id}
        mending.correct(desk.diary, item, right, noted=desk.promptly(item.day + 20), reason="typing_error")


def _other_project(place: Place, desk: Desk) -> None:
    others = [project for project in place.project.file.projects if project is not place.project]
    _stray(place, desk, _a_day(place, desk), project=(others or [place.project])[0].id)


def _before_enrolment(place: Place, desk: Desk) -> None:
    _stray(place, desk, desk.year.open_day_before(place.enrolled - desk.rng.randint(1, 15)))


def _after_end(place: Place, desk: Desk) -> None:
    _stray(place, desk, desk.year.open_day(place.ends + desk.rng.randint(1, 20)))


def _outside_edition(place: Place, desk: Desk) -> None:
    _stray(place, desk, desk.year.open_day(desk.edition.ends_on + desk.rng.randint(1, 40)))


def _nobody_enrolled(place: Place, desk: Desk) -> None:
    _stray(place, desk, _a_day(place, desk), participation=f"{place.id}z")


def _a_day(place: Place, desk: Desk) -> int:
    return min(place.ends, desk.year.open_day(desk.rng.randint(place.enrolled, place.ends)))


def _stray(place: Place, desk: Desk, day: int, **wrong: str) -> Item:
    participation = wrong.get("participation", place.id)
    facts = {
        "project": place.project.id,
        "participation": participation,
        "occurred_on": iso(day),
        "session": f"{participation}-s{_FIRST_NUMBER}x",
        "duration_minutes": 60,
        "place": "cpas",
        "theme": THEMES(desk.rng),
        "case_manager": desk.case_manager(place.project.number, False),
        **wrong,
    }
    event_id = f"{participation.partition(':')[2]}-s{_FIRST_NUMBER}x"
    return desk.diary.note("session.held", event_id, participation, facts, noted=desk.slowly(day))


_KINDS: tuple[Callable[[Place, Desk], None], ...] = (
    _wrong_project,
    _other_project,
    _before_enrolment,
    _after_end,
    _outside_edition,
    _nobody_enrolled,
)
