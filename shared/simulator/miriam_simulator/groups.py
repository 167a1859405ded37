"""The group of a project: who belongs to it, when it meets, who was there. Its lead notes it, for a consortium too."""

import random

from miriam_simulator.chance import Weighted, stream
from miriam_simulator.desk import Desk
from miriam_simulator.diary import Event, Item
from miriam_simulator.editions import iso
from miriam_simulator.plan import Place, Project
from miriam_simulator.sessions import THEMES

_FORTNIGHT = 14
_WEEK = 7
_WAITING = (0, 9)  # days from enrolment to joining
_RELIABLE = (0.6, 0.88)  # how often a woman comes, drawn once for each
_EXCUSED = 0.62  # of those who do not come
_DURATIONS = Weighted({90: 20.0, 120: 48.0, 150: 20.0, 180: 12.0})
_REASONS = Weighted({"too_few": 45.0, "case_manager_absent": 32.0, "public_health": 8.0, "other": 15.0})


def play(project: Project, desk: Desk) -> None:
    """Note everything about the group of one project."""
    rng = stream(desk.seed, desk.edition.id, "group", project.id)
    formed = _note(project, desk, "group.formed", "formed", project.meets_from - 7, None, _consortium(project))
    members = _join(project, desk, rng, formed)
    reliable = {place.id: rng.uniform(*_RELIABLE) for place, _ in members}
    day, number = project.meets_from, 0
    while day <= project.meets_until:
        if not desk.year.takes_place(day, rng):
            day = desk.year.open_day(day + _WEEK)
            continue
        number += 1
        _meet(project, desk, rng, day, number, members, reliable, formed)
        day = desk.year.open_day(day + _FORTNIGHT + rng.choice((-1, 0, 0, 0, 1)))
    _note(project, desk, "group.closed", "closed", project.meets_until + 7, formed, {})


def _consortium(project: Project) -> Event:
    return {"consortium": project.file.consortium} if project.file.consortium else {}


def _join(project: Project, desk: Desk, rng: random.Random, formed: Item) -> list[tuple[Place, int]]:
    members = []
    for place in project.places:
        day = desk.year.open_day(max(project.meets_from - 7, place.enrolled + rng.randint(*_WAITING)))
        if not place.attends or place.kind == "by_mistake" or day > min(place.ends, project.meets_until):
            continue
        who = f"{place.cpas.id}-{place.local}"
        joined = _note(project, desk, "group.joined", f"joined-{who}", day, formed, {"participation": place.id})
        members.append((place, day))
        if place.reason not in ("completed", "") and place.ends < project.meets_until:
            left = {"participation": place.id, "reason": place.reason}
            _note(project, desk, "group.left", f"left-{who}", place.ends, joined, left)
    return members


def _meet(
    project: Project, desk: Desk, rng: random.Random, day: int, number: int,
    members: list[tuple[Place, int]], reliable: dict[str, float], formed: Item,
) -> None:  # fmt: skip
    suffix = f"m{number:02d}"
    facts: Event = {"groupsession": f"{project.group}-{suffix}"}
    there = [place for place, joined in members if joined <= day and not _gone(place, day)]
    if not there or rng.random() >= desk.edition.facts["group_session_held"]:
        _note(project, desk, "groupsession.cancelled", suffix, day, formed, {**facts, "reason": _REASONS(rng)})
        return
    changed = project.manager_changes is not None and day >= project.manager_changes
    facts |= {
        "duration_minutes": _DURATIONS(rng),
        "theme": THEMES(rng),
        "case_manager": desk.case_manager(project.number, changed),
    }
    lists: dict[str, list[str]] = {"present": [], "excused": [], "absent": []}
    for place in there:
        if rng.random() < reliable[place.id]:
            lists["present"].append(place.id)
        else:
            lists["excused" if rng.random() < _EXCUSED else "absent"].append(place.id)
    _note(project, desk, "groupsession.held", suffix, day, formed, {**facts, **lists})


def _gone(place: Place, day: int) -> bool:
    """Whether she has left by that day: with an exit of hers, or because the programme is over for her."""
    return place.ends < day


def _note(project: Project, desk: Desk, name: str, suffix: str, day: int, after: Item | None, more: Event) -> Item:
    data = {"project": project.id, "group": project.group, "occurred_on": iso(day), **more}
    local = project.group.partition(":")[2]
    # Who joins in the morning is a member that afternoon: a session may rest on it, so it is never noted later.
    noted = desk.slowly(day) if name.startswith("groupsession") else desk.that_morning(day)
    return desk.diary.note(name, f"{local}-{suffix}", project.group, data, noted=noted, after=after)
