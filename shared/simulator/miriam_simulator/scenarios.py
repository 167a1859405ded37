"""A scenario: one edition, played by all who emit. The same seed and scale give the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

from miriam_simulator import course, groups, makers, mistakes, planning, protection, refused, strays
from miriam_simulator.authority import Authority
from miriam_simulator.chance import stream
from miriam_simulator.desk import Desk
from miriam_simulator.diary import Diary
from miriam_simulator.editions import AUTHORITY, DPO, Edition, edition
from miriam_simulator.oversight import overrule
from miriam_simulator.plan import Block, File, Place

DEFAULT_SEED = 1
_REFERRED_ONLY = (0, 2)  # a project: women who were referred and did not choose to take part


@dataclass(frozen=True, slots=True)
class Scenario:
    """An edition with a seed and a scale (1.0 is the programme's own size). Nothing is made before it is asked for."""

    edition: Edition
    seed: int
    scale: float

    def emitters(self) -> list[tuple[str, str]]:
        """Kind and id of everybody who emits."""
        found = [("authority", AUTHORITY), ("dpo", DPO)]
        for block in self.blocks():
            found += [("cpas", member.id) for file in block.files for member in file.members]
        return found

    def blocks(self) -> Iterator[Block]:
        """The plans, block by block."""
        return planning.blocks(self.edition, self.seed, self.scale)

    def diaries(self) -> Iterator[Diary]:
        """What each emitter sends, one emitter at a time: each CPAS, then the officer, then the authority."""
        authority, officer = Authority(self.edition, self.seed), protection.officer()
        for block in self.blocks():
            authority.play(block)
            yield from self.of_block(block, officer, authority.diary)
        authority.close()
        for diary in (officer, authority.diary):
            diary.sort()
            yield diary

    def of_block(self, block: Block, officer: Diary, authority: Diary) -> Iterator[Diary]:
        """The diaries of the CPAS of one block; what the officer and the authority say of them is added to theirs."""
        for turn, file in enumerate(block.files):
            desks = self._play_file(file, block.number * len(block.files) + turn)
            for desk in desks.values():
                for link in block.links:
                    if link.by == desk.cpas:
                        protection.link(desk.diary, link)
                desk.diary.sort()
                if turn == 0 and desk.cpas == file.lead.id:
                    overrule(authority, desk.diary, self.edition)
                yield desk.diary
        for link in block.links:
            if link.by == "dpo":
                protection.link(officer, link)

    def _play_file(self, file: File, turn: int) -> dict[str, Desk]:
        desks = {member.id: Desk(self.edition, self.seed, member.id, member.language) for member in file.members}
        places: dict[str, list[Place]] = {member.id: [] for member in file.members}
        for project in file.projects:
            for place in project.places:
                course.play(place, desks[place.cpas.id])
                places[place.cpas.id].append(place)
            groups.play(project, desks[file.lead.id])
            self._refer_only(file, project.number, project.id, desks[file.lead.id])
        for step, (cpas, desk) in enumerate(desks.items()):
            strays.play(places[cpas], desk)
            mistakes.play(desk)
            makers.retell(desk)
            refused.play(desk, turn + 7 * step)
            mistakes.send_twice(desk)
        return desks

    def _refer_only(self, file: File, number: int, project: str, desk: Desk) -> None:
        rng = stream(self.seed, self.edition.id, "referred", project)
        for each in range(rng.randint(*_REFERRED_ONLY)):
            day = desk.year.open_day(self.edition.first_meetings[0] - 20 + rng.randint(0, 60))
            course.refer_only(f"{file.lead.id}:p{self.edition.short}-{number}-r{each + 1}", project, day, desk)


def scenario(name: str, seed: int = DEFAULT_SEED, scale: float = 1.0) -> Scenario:
    """The scenario of that name (see data/editions.json).

    Raises:
        KeyError: there is none of that name.
        ValueError: the scale is not above 0.
    """
    if scale <= 0:
        raise ValueError("the scale is above 0: 1.0 is the size of the programme")
    return Scenario(edition(name), seed, scale)
