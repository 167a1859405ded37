"""What the programme authority emits: the edition, who carries it, the projects, and the money. All in euro cents."""

import random

from miriam_simulator import mending, signing
from miriam_simulator.chance import stream
from miriam_simulator.diary import Diary, Event, Item, at
from miriam_simulator.editions import AUTHORITY, Cpas, Edition, day, iso
from miriam_simulator.plan import Block, File, Project

_OFFICE = 9 * 3600
# The same in every edition, so that playing a second one registers nobody twice: it is a duplicate.
_REGISTERED_ON = day("2020-07-01")
_ADVANCE = 70  # per cent of the subsidy, paid at the start
# What a project declares: category, share of its subsidy in per cent, how many times.
_COSTS = (("personnel", 78, 4), ("operation", 7, 2), ("activities", 9, 2), ("childcare", 4, 1))
_SPENT = (0.9, 1.08)  # of what was granted, drawn once a project
_WAVERS = (0.96, 1.04)  # each declaration around that
_MISTYPED = 0.03


class Authority:
    """The authority's diary, filled block by block."""

    def __init__(self, edition: Edition, seed: int) -> None:
        self.edition = edition
        self.seed = seed
        self.diary = Diary("authority", AUTHORITY)
        self._second = 0
        self._opened = self._open()

    def play(self, block: Block) -> None:
        """Register the CPAS of a block, approve its projects and pay them."""
        rng = stream(self.seed, self.edition.id, "money", block.number)
        for file in block.files:
            for member in file.members:
                self._register(member)
            if file.consortium is not None:
                self._form(file)
            for project in file.projects:
                self._fund(project, rng)

    def close(self) -> None:
        """Close the edition."""
        closed = {"edition": self.edition.id, "occurred_on": iso(self.edition.closed_on), "reason": "end_of_term"}
        self._note("edition.closed", "closed", self.edition.id, closed, self.edition.closed_on, self._opened)

    def _open(self) -> Item:
        facts = self.edition.facts
        opened = {name: facts[name] for name in (
            "edition", "name", "starts_on", "ends_on", "eligibility", "instrument", "budget", "subsidy_per_group",
            "places_min", "places_max", "groups_max", "late_after_days",
        )}  # fmt: skip
        opened["occurred_on"] = facts["opened_on"]
        return self._note("edition.opened", "opened", self.edition.id, opened, day(facts["opened_on"]), None)

    def _register(self, member: Cpas) -> None:
        data = {
            "cpas": member.id,
            "occurred_on": iso(_REGISTERED_ON),
            "names": member.names,
            "region": member.region,
            "language": member.language,
            "nis": member.nis,
            "signing_key": signing.public_half(member.id),
        }
        self.diary.note("cpas.registered", f"cpas-{member.id}", member.id, data, noted=at(_REGISTERED_ON, _OFFICE))

    def _form(self, file: File) -> None:
        formed = day(self.edition.facts["opened_on"]) + 10
        data = {
            "consortium": file.consortium,
            "edition": self.edition.id,
            "occurred_on": iso(formed),
            "lead": file.lead.id,
            "members": [member.id for member in file.members],
        }
        assert file.consortium is not None
        self._note("consortium.formed", _local(file.consortium), file.consortium, data, formed, self._opened)

    def _fund(self, project: Project, rng: random.Random) -> None:
        edition = self.edition
        approved_on = day(edition.facts["opened_on"]) + rng.randint(12, 26)
        data = {
            "edition": edition.id,
            "cpas": project.file.lead.id,
            "places": project.places_foreseen,
            "subsidy": project.subsidy,
            "starts_on": iso(edition.starts_on),
            "ends_on": iso(edition.ends_on),
        }
        if project.file.consortium:
            data["consortium"] = project.file.consortium
        approved = self._of(project, "project.approved", "approved", approved_on, data, self._opened)
        advance = project.subsidy * _ADVANCE // 100
        paid_on = edition.starts_on + rng.randint(20, 70)
        self._pay(project, 1, paid_on, advance, approved, rng)
        declared = self._declare(project, approved, rng)
        ended = self._of(project, "project.ended", "ended", edition.ends_on, {"reason": "end_of_term"}, approved)
        balance = min(project.subsidy, declared) - advance
        if balance > 0:
            self._pay(project, 2, edition.closed_on + rng.randint(40, 110), balance, ended, rng)

    def _declare(self, project: Project, approved: Item, rng: random.Random) -> int:
        edition, total = self.edition, 0
        spent = rng.uniform(*_SPENT)
        span = (edition.closed_on - edition.starts_on) - 30
        for category, share, times in _COSTS:
            for turn in range(1, times + 1):
                amount = round(project.subsidy * share / 100 / times * spent * rng.uniform(*_WAVERS))
                total += amount
                occurred = edition.starts_on + span * turn // times + rng.randint(0, 25)
                facts = {"declaration": f"{project.id}-{category}{turn}", "category": category, "amount": amount}
                item = self._of(project, "project.cost_declared", f"{category}{turn}", occurred, facts, approved)
                self._mistype(item, amount, rng)
        return total

    def _pay(self, project: Project, number: int, occurred: int, amount: int, after: Item, rng: random.Random) -> None:
        facts = {"payment": f"{project.id}-pay{number}", "amount": amount}
        item = self._of(project, "project.payment_made", f"pay{number}", occurred, facts, after)
        self._mistype(item, amount, rng)

    def _mistype(self, item: Item, amount: int, rng: random.Random) -> None:
        """Once in a while the amount was typed wrongly, and is corrected to the right one."""
        if rng.random() < _MISTYPED:
            right = dict(item.event["data"])
            item.event["data"]["amount"] = amount // 10 if rng.random() < 0.5 else amount + 90_00
            mending.correct(
                self.diary, item, right, noted=at(item.day + rng.randint(5, 50), _OFFICE), reason="typing_error"
            )

    def _of(self, project: Project, name: str, suffix: str, occurred: int, more: Event, after: Item) -> Item:
        data = {"project": project.id, "occurred_on": iso(occurred), **more}
        return self._note(name, f"{_local(project.id)}-{suffix}", project.id, data, occurred, after)

    def _note(self, name: str, event_id: str, subject: str, data: Event, occurred: int, after: Item | None) -> Item:
        if subject == self.edition.id:
            event_id = f"edition-{subject}-{event_id}"
        self._second = (self._second + 7) % 7200
        return self.diary.note(name, event_id, subject, data, noted=at(occurred, _OFFICE + self._second), after=after)


def _local(owned_id: str) -> str:
    return owned_id.partition(":")[2]
