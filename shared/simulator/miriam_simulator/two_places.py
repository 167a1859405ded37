"""Women with two places: those who move to another CPAS, those who come back, and the links that say so."""

import random

from miriam_simulator.plan import Block, File, Link, Place, Project
from miriam_simulator.school_year import SchoolYear

_MOVES = 0.02
_RETURNS = 0.02
_TIME_FOR_BOTH = 130  # days that must be left of the first place for a second to make sense
_NUMBER_CHANGES = 0.12
_LINKED = 0.65
_WRONG_LINKS_A_BLOCK = 2


def pair_up(block: Block, rng: random.Random) -> None:
    """Give some women a second place, and link what a number does not join."""
    for place in list(block.places()):
        if place.kind != "regular" or not place.attends or place.ends - place.enrolled < _TIME_FOR_BOTH + 60:
            continue
        draw = rng.random()
        if draw < _MOVES and len(block.files) > 1:
            _move(place, rng.choice([file for file in block.files if file is not place.project.file]), rng)
        elif _MOVES <= draw < _MOVES + _RETURNS:
            _return(place, rng)
    for place in block.places():
        if place.other is not None and place.kind in ("moved_in", "returned"):
            _link(block, place.other, place, rng)
    _link_wrongly(block, rng)


def _second(first: Place, project: Project, rng: random.Random, gap: int) -> Place:
    member = first.cpas if project.file is first.project.file else rng.choice(project.file.members)
    year = SchoolYear(project.file.edition, member.language)
    first.ends = year.open_day_before(first.enrolled + rng.randint(45, first.ends - first.enrolled - 70))
    second = project.add_place(member, first.woman, first.number_known, year.open_day(first.ends + gap))
    end = year.open_day_before(min(project.meets_until + 7, project.file.edition.ends_on))
    second.ends = max(end, second.enrolled)
    second.reason, second.has_end, second.has_start = "completed", rng.random() < 0.95, rng.random() < 0.5
    first.has_end = False
    if first.number_known == "niss" and rng.random() < _NUMBER_CHANGES:
        first.number_known = "bis"
    first.other, second.other = second, first
    return second


def _move(first: Place, into: File, rng: random.Random) -> None:
    second = _second(first, rng.choice(into.projects), rng, rng.randint(14, 40))
    first.reason, first.kind, second.kind = "moved", "moved_away", "moved_in"


def _return(first: Place, rng: random.Random) -> None:
    second = _second(first, rng.choice(first.project.file.projects), rng, rng.randint(20, 60))
    first.reason = rng.choice(("lost_contact", "family", "health", "withdrew"))
    first.kind, second.kind = "left", "returned"


def _link(block: Block, first: Place, second: Place, rng: random.Random) -> None:
    if first.number_known == second.number_known != "none" or rng.random() >= _LINKED:
        return
    by = first.cpas.id if first.cpas is second.cpas and rng.random() < 0.5 else "dpo"
    block.links.append(Link(first, second, by, second.enrolled + rng.randint(20, 90)))


def _link_wrongly(block: Block, rng: random.Random) -> None:
    places = [place for place in block.places() if place.kind == "regular" and place.attends]
    for first in rng.sample(places, min(_WRONG_LINKS_A_BLOCK, len(places))):
        others = [place for place in places if place.cpas is first.cpas and place is not first]
        if others:
            made = max(first.enrolled, first.ends - 60)
            block.links.append(Link(first, rng.choice(others), first.cpas.id, made, made + rng.randint(5, 40)))
