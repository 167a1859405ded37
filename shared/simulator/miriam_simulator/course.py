"""The course of one participation: referred, enrolled, accompanied, ended, met again a year later."""

from miriam_simulator import goals, mending, questionnaires, referrals, sessions
from miriam_simulator.chance import Weighted
from miriam_simulator.desk import Desk
from miriam_simulator.diary import Item, at
from miriam_simulator.editions import iso
from miriam_simulator.people import Woman, note, woman
from miriam_simulator.plan import Place

_REFERRERS = Weighted({"cpas_service": 68.0, "partner": 14.0, "herself": 14.0, "other": 4.0})
_EMPLOYMENT = Weighted(
    {
        "unemployed": 27.0,
        "long_term_unemployed": 34.0,
        "inactive": 27.0,
        "employed": 9.0,
        "not_answered": 2.0,
        "not_available": 1.0,
    }
)
_EDUCATION = Weighted(
    {
        "lower_secondary_or_less": 49.0,
        "upper_secondary": 34.0,
        "tertiary": 12.0,
        "not_answered": 2.5,
        "not_available": 2.5,
    }
)
_CHILDREN = Weighted({1: 34.0, 2: 33.0, 3: 20.0, 4: 8.0, 5: 4.0, 6: 1.0})
_SPOKEN = Weighted({"own": 78.0, "en": 7.0, "other": 15.0})
_PAUSES = Weighted({"health": 40.0, "family": 35.0, "employment": 8.0, "training": 8.0, "other": 9.0})
_SITUATIONS = Weighted(
    {
        "employed": 22.0,
        "in_training": 20.0,
        "seeking_work": 27.0,
        "inactive": 18.0,
        "not_reached": 10.0,
        "not_answered": 3.0,
    }
)
_REFERRED, _PAUSED, _CONSENT_WITHDRAWN, _FOLLOWED_UP = 0.86, 0.05, 0.3, 0.42
_CERTIFICATE = {"completed": 0.94, "employment": 0.3, "training": 0.3}
_EXIT_NOTE = 0.08


def play(place: Place, desk: Desk) -> None:
    """Note everything about one participation, except what happens in its group."""
    edition = desk.edition
    her = woman(desk.seed, place.woman, place.mother_tongue, edition.starts_on)
    last = enrolled = _enrol(place, desk, her)
    pause = None
    if place.kind == "by_mistake":
        sessions.hold(place, desk, her, place.enrolled + 3, 1)
        mending.retract(
            desk.diary,
            enrolled,
            noted=desk.promptly(place.enrolled + 12),
            reason=desk.rng.choice(("wrong_person", "duplicate")),
        )
        return
    last = _change_manager(place, desk, last)
    if desk.chance(_PAUSED) and place.ends - place.enrolled > 150 and last is enrolled:
        pause, last = _pause(place, desk, last)
    questionnaires.answer(place, desk)
    if place.attends:
        sessions.play(place, desk, her, pause)
        goals.play(place, desk, her)
        referrals.play(place, desk)
    if place.reason:
        _end(place, desk, her, last)


def refer_only(place_id: str, project: str, day: int, desk: Desk) -> None:
    """Somebody was referred and did not choose to take part."""
    data = {"project": project, "participation": place_id, "occurred_on": iso(day), "referrer": _REFERRERS(desk.rng)}
    local = place_id.partition(":")[2]
    desk.diary.note("participation.referred", f"{local}-referred", place_id, data, noted=desk.promptly(day))


def _enrol(place: Place, desk: Desk, her: Woman) -> Item:
    rng = desk.rng
    before = None
    if desk.chance(_REFERRED):
        day = desk.year.open_day_before(place.enrolled - rng.randint(4, 40))
        before = desk.of_place(
            place, "participation.referred", "referred", day, desk.promptly(day), {"referrer": _REFERRERS(rng)}
        )
    basis = desk.edition.facts["eligibility"][0]
    if place.kind == "wrong_basis":
        basis = next(each for each in ("living_wage_child_under_six", "single_mother_cpas_service") if each != basis)
    spoken = _SPOKEN(rng)
    facts = {
        "consented_on": iso(place.enrolled - rng.randint(0, 7)),
        "eligibility": basis,
        "employment": _EMPLOYMENT(rng),
        "education": _EDUCATION(rng),
        "children": _CHILDREN(rng),
        "language": desk.language if spoken == "own" else spoken,
        "case_manager": desk.case_manager(place.project.number, False),
        "personal": her.identity(place.number_known),
    }
    return desk.of_place(
        place, "participation.enrolled", "enrolled", place.enrolled, desk.slowly(place.enrolled), facts, before
    )


def _change_manager(place: Place, desk: Desk, last: Item) -> Item:
    day = place.project.manager_changes
    if day is None or not place.enrolled < day < place.ends:
        return last
    manager = {"case_manager": desk.case_manager(place.project.number, True)}
    return desk.of_place(place, "participation.case_manager_changed", "manager", day, desk.promptly(day), manager, last)


def _pause(place: Place, desk: Desk, last: Item) -> tuple[tuple[int, int], Item]:
    rng, year = desk.rng, desk.year
    first = year.open_day(rng.randint(place.enrolled + 30, place.ends - 70))
    until = year.open_day(first + rng.randint(14, 45))
    last = desk.of_place(
        place, "participation.paused", "paused", first, desk.promptly(first), {"reason": _PAUSES(rng)}, last
    )
    last = desk.of_place(place, "participation.resumed", "resumed", until, desk.promptly(until), {}, last)
    return (first, until), last


def _end(place: Place, desk: Desk, her: Woman, last: Item) -> None:
    rng = desk.rng
    if place.reason == "withdrew" and desk.chance(_CONSENT_WITHDRAWN):
        last = desk.of_place(
            place, "participation.consent_withdrawn", "withdrawn", place.ends, desk.promptly(place.ends), {}, last
        )
    facts: dict[str, object] = {
        "reason": place.reason,
        "certificate": rng.random() < _CERTIFICATE.get(place.reason, 0.0),
    }
    if desk.chance(_EXIT_NOTE):
        facts["personal"] = note(rng, her, desk.language, "exit")
    ended = desk.of_place(place, "participation.ended", "ended", place.ends, desk.slowly(place.ends), facts, last)
    if desk.chance(_FOLLOWED_UP):
        day = desk.year.open_day(place.ends + rng.randint(330, 390))
        moment = max(desk.promptly(day), at(day, 0))
        desk.of_place(
            place, "participation.followed_up", "followed-up", day, moment, {"situation": _SITUATIONS(rng)}, ended
        )
