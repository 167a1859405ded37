"""Making the plan of one block: files and projects, then a course for each place, then who moves and comes back."""

import random
from collections.abc import Iterator

from miriam_simulator.chance import Weighted, evenly, stream
from miriam_simulator.editions import AUTHORITY, Edition, cpas, load
from miriam_simulator.people import NUMBERS
from miriam_simulator.plan import Block, File, Place, Project, project_id
from miriam_simulator.school_year import SchoolYear
from miriam_simulator.two_places import pair_up

_REASONS = Weighted(
    {
        "completed": 73.0,
        "employment": 5.0,
        "training": 4.5,
        "moved": 1.5,
        "health": 3.5,
        "family": 3.0,
        "withdrew": 4.0,
        "lost_contact": 3.2,
        "no_longer_eligible": 0.5,
        "other": 0.8,
        "": 1.0,  # the CPAS forgot to note the end
    }
)
_HAS_END = {"completed": 0.97, "employment": 0.6, "training": 0.6, "": 0.5}
_HAS_END_ELSE = 0.12
_HAS_START = 0.96
_NEVER_CAME = 0.016
_KINDS = Weighted({"regular": 98.9, "by_mistake": 0.5, "outside_edition": 0.3, "wrong_basis": 0.3})
_ENTRIES = Weighted({"first": 50.0, "early": 36.0, "later": 14.0})
_EARLY_DAYS = 66
_LATER_DAYS = 120
_SUBSTITUTED = 0.25
_MANAGER_CHANGES = 0.12


def blocks(edition: Edition, seed: int, scale: float) -> Iterator[Block]:
    """The blocks of a scenario: below 1 the first files only; 2.5 is the programme two and a half times."""
    women = edition.facts["person_offset"]
    number = 0
    while scale > 1e-9:
        block = _block(edition, seed, number, min(1.0, scale), women)
        women = max(place.woman for place in block.places()) + 1
        yield block
        number, scale = number + 1, scale - 1.0


def _block(edition: Edition, seed: int, number: int, share: float, first_woman: int) -> Block:
    files = _files(edition, number)
    block = Block(number, edition, files[: max(1, round(share * len(files)))])
    rng = stream(seed, edition.id, "plan", number)
    next_woman = first_woman
    for file in block.files:
        for project in file.projects:
            next_woman = _fill(project, rng, next_woman)
    pair_up(block, rng)
    _let_progress(block, rng)
    return block


def _files(edition: Edition, copy: int) -> list[File]:
    facts = edition.facts
    by_home = {each.home: each for each in cpas(facts, copy)}
    shared = [(each["id"], tuple(by_home[home] for home in each["members"])) for each in facts["consortia"]]
    in_consortium = {member.home for _, members in shared for member in members}
    files = [File(edition, (each,), None) for home, each in by_home.items() if home not in in_consortium]
    suffix = f"-{copy + 1}" if copy else ""
    files += [File(edition, members, f"{AUTHORITY}:{edition.year}-{name}{suffix}") for name, members in shared]
    for file in files:
        count = 1 if file.lead.home in facts["one_project"] else facts["projects_each"]
        file.projects = [_project(file, number) for number in range(1, count + 1)]
    return files


def _project(file: File, number: int) -> Project:
    edition = file.edition
    return Project(
        id=project_id(edition, file.lead, number),
        number=number,
        file=file,
        subsidy=edition.facts["subsidy_per_group"],
        places_foreseen=edition.facts["places_max"],
        meets_from=edition.first_meetings[0],
        meets_until=edition.last_meetings[1],
    )


def _fill(project: Project, rng: random.Random, woman: int) -> int:
    edition = project.file.edition
    year = SchoolYear(edition, project.file.lead.language)
    project.meets_from = year.open_day(rng.randint(*edition.first_meetings))
    project.meets_until = year.open_day_before(rng.randint(*edition.last_meetings))
    if rng.random() < _MANAGER_CHANGES:
        project.manager_changes = year.open_day(
            rng.randint(edition.first_meetings[1] + 40, edition.last_meetings[0] - 40)
        )
    size = Weighted({int(places): weight for places, weight in edition.facts["places"].items()})(rng)
    for _ in range(size):
        member = rng.choice(project.file.members)
        enrolled = _entry(project, rng, _ENTRIES(rng))
        place = project.add_place(member, woman, NUMBERS(rng), year.open_day(enrolled))
        woman += 1
        _course(place, rng, year)
        if place.reason not in ("completed", "") and place.ends < edition.ends_on - 150 and rng.random() < _SUBSTITUTED:
            substitute = project.add_place(member, woman, NUMBERS(rng), year.open_day(place.ends + rng.randint(7, 45)))
            woman += 1
            _course(substitute, rng, year)
    return woman


def _entry(project: Project, rng: random.Random, kind: str) -> int:
    edition = project.file.edition
    if kind == "early":
        return max(edition.starts_on, project.meets_from - rng.randint(15, _EARLY_DAYS))
    if kind == "later":
        return project.meets_from + rng.randint(15, _LATER_DAYS)
    return max(edition.starts_on, project.meets_from + rng.randint(-14, 14))


def _course(place: Place, rng: random.Random, year: SchoolYear) -> None:
    edition = place.project.file.edition
    place.kind = _KINDS(rng)
    place.reason = _REASONS(rng)
    place.has_start = rng.random() < _HAS_START
    last = min(edition.ends_on, place.project.meets_until + 14)
    if place.reason in ("completed", ""):
        place.ends = year.open_day_before(rng.randint(place.project.meets_until - 10, last))
    else:
        earliest = min(place.enrolled + (90 if place.reason in ("employment", "training") else 30), last)
        place.ends = year.open_day_before(rng.randint(earliest, last))
    place.has_end = rng.random() < _HAS_END.get(place.reason, _HAS_END_ELSE)
    if place.kind == "outside_edition":
        place.enrolled = year.open_day_before(edition.starts_on - rng.randint(2, 20))
    elif place.kind == "by_mistake":
        place.has_start = place.has_end = False
    elif rng.random() < _NEVER_CAME:
        place.attends, place.has_end = False, False
        place.has_start = rng.random() < _HAS_START / 2
        place.reason = rng.choice(("withdrew", "lost_contact"))
    place.ends = max(place.ends, place.enrolled)


def _let_progress(block: Block, rng: random.Random) -> None:
    """Spread the published share of progress evenly over the women whose end assessment counts."""
    measures = load("measures")
    share, of = measures["progress"]["share"], measures["progress"]["of"]
    silent = measures["answers"]["silent_on_the_four"]
    phase = rng.randrange(of)
    counted = 0
    for place in block.places():
        place.answered = rng.random() >= silent
        if place.kind in ("outside_edition", "wrong_basis"):
            place.progress = rng.random() < share / of
        elif place.has_end and place.answered:
            place.progress = evenly(share, of, phase, counted)
            counted += 1
