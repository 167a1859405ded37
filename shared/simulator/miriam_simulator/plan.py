"""The plan of a scenario: who carries which project, which woman has a place in it, from when to when, and how it ends.

Everything that reaches over one CPAS is decided here, so that each CPAS can then be played by itself: consortia, women
who move or come back, and the share of women who progressed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from miriam_simulator.editions import AUTHORITY, Cpas, Edition


@dataclass(slots=True, eq=False)
class Place:
    """One woman's place in one project: a participation. Days are ordinals.

    `kind`: regular, moved_away, moved_in, left (and returns), returned, by_mistake (retracted), outside_edition,
    wrong_basis. `answered`: her end assessment answers at least one of the four domains of the personal situation.
    """

    cpas: Cpas
    project: "Project"
    id: str
    woman: int
    number_known: str
    enrolled: int
    ends: int
    reason: str = "completed"
    kind: str = "regular"
    attends: bool = True
    has_start: bool = True
    has_end: bool = False
    answered: bool = True
    progress: bool = False
    other: "Place | None" = None  # her other place

    @property
    def local(self) -> str:
        """The part of the participation's id behind the colon."""
        return self.id.partition(":")[2]

    @property
    def mother_tongue(self) -> str:
        """The language of her name: that of the CPAS where she came first."""
        return (self.other if self.other and self.kind in ("moved_in", "returned") else self).cpas.language


@dataclass(slots=True, eq=False)
class Project:
    """One subsidy, one group of women, one case manager."""

    id: str
    number: int
    file: "File"
    subsidy: int
    places_foreseen: int
    meets_from: int
    meets_until: int
    places: list[Place] = field(default_factory=list)
    manager_changes: int | None = None  # the day on which another case manager takes over

    @property
    def group(self) -> str:
        """The id of its group, minted by the CPAS that carries or leads it."""
        return f"{self.file.lead.id}:g{self.file.edition.short}-{self.number}"

    def add_place(self, member: Cpas, woman: int, known: str, enrolled: int) -> Place:
        """A place more, numbered after those of the same CPAS here; it lasts until the group's last meeting."""
        number = sum(place.cpas is member for place in self.places) + 1
        participation = f"{member.id}:p{self.file.edition.short}-{self.number}-{number:02d}"
        place = Place(member, self, participation, woman, known, enrolled, self.meets_until)
        self.places.append(place)
        return place


@dataclass(slots=True, eq=False)
class File:
    """What one CPAS, or a consortium under its lead, asked and got: one or two projects."""

    edition: Edition
    members: tuple[Cpas, ...]
    consortium: str | None
    projects: list[Project] = field(default_factory=list)

    @property
    def lead(self) -> Cpas:
        """The CPAS that answers for it; its first member."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Link:
    """Two participations are said to be of one woman; `made` is the day, `undone` that on which it was taken back."""

    first: Place
    second: Place
    by: str  # "dpo", or the id of the CPAS that holds both
    made: int
    undone: int | None = None


@dataclass(slots=True, eq=False)
class Block:
    """A programme of its own size at most (45 CPAS): a larger scale is many blocks, and each fits in memory."""

    number: int
    edition: Edition
    files: list[File]
    links: list[Link] = field(default_factory=list)

    def places(self) -> Iterator[Place]:
        """Every place, in the order of files and projects."""
        for file in self.files:
            for project in file.projects:
                yield from project.places


def project_id(edition: Edition, lead: Cpas, number: int) -> str:
    """The id that the authority gives a project: `spp-is:2023-anderlecht-1`."""
    return f"{AUTHORITY}:{edition.year}-{lead.id}-{number}"
