"""A case manager's desk: when she notes what happened. Most of it the same day, some later, a little far too late."""

import random
from collections.abc import Mapping
from typing import Any

from miriam_simulator.chance import Weighted, stream
from miriam_simulator.diary import Diary, Item, at
from miriam_simulator.editions import Edition, iso
from miriam_simulator.plan import Place
from miriam_simulator.school_year import SchoolYear

_MORNING, _NOON, _EVENING = 6 * 3600, 12 * 3600, 15 * 3600
# Days until a fact is noted: (from, to) with its weight. The last is late by the edition's own rule (30 days).
_DELAYS = Weighted([((0, 0), 62.0), ((1, 3), 25.0), ((4, 14), 10.0), ((15, 30), 1.8), ((31, 110), 1.2)])
_LONGEST_PROMPT = 2


class Desk:
    """What notes facts of one CPAS: its diary, its calendar, its own chance."""

    def __init__(self, edition: Edition, seed: int, cpas_id: str, language: str) -> None:
        self.edition = edition
        self.seed = seed
        self.cpas = cpas_id
        self.language = language
        self.diary = Diary("cpas", cpas_id)
        self.year = SchoolYear(edition, language)
        self.rng = stream(seed, edition.id, "desk", cpas_id)

    def slowly(self, day: int) -> int:
        """A moment at which a fact of that day is noted, sometimes weeks later."""
        first, last = _DELAYS(self.rng)
        return at(day + self.rng.randint(first, last), self.rng.randrange(_NOON, _EVENING))

    def promptly(self, day: int) -> int:
        """A moment within two days: for facts on which others rest."""
        return at(
            day + int(self.rng.random() * self.rng.random() * (_LONGEST_PROMPT + 1)),
            self.rng.randrange(_NOON, _EVENING),
        )

    def that_morning(self, day: int) -> int:
        """A moment before noon of that very day: for what the same afternoon needs."""
        return at(day, self.rng.randrange(_MORNING, _NOON))

    def of_place(
        self,
        place: Place,
        name: str,
        suffix: str,
        day: int,
        noted: int,
        more: Mapping[str, Any],
        after: Item | None = None,
    ) -> Item:
        """Note a fact of a participation. `suffix` makes its id unique in the participation."""
        data = {"project": place.project.id, "participation": place.id, "occurred_on": iso(day), **more}
        return self.diary.note(name, f"{place.local}-{suffix}", place.id, data, noted=noted, after=after)

    def chance(self, probability: float) -> bool:
        """Whether something of that probability happens."""
        return self.rng.random() < probability

    def case_manager(self, place_project_number: int, changed: bool) -> str:
        """The case manager's id in a project, before or after a change."""
        return f"{self.cpas}:cm-{place_project_number}{'b' if changed else 'a'}"


def between(rng: random.Random, first: int, last: int) -> int:
    """A day from first to last; first where there is no room."""
    return first if last <= first else rng.randint(first, last)
