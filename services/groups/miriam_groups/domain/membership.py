"""Who belongs to a group when: from the day she joins up to and including the day she leaves."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from miriam_contracts.history import History
from miriam_contracts.judging import day


@dataclass(slots=True)
class Membership:
    """The days on which one woman joined and left a group."""

    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def holds_on(self, on: str) -> bool:
        """Whether she belongs to the group on that day; the day she leaves is her last."""
        return any(start <= on and not any(start <= end < on for end in self.left) for start in self.joined)

    def can_end_on(self, on: str) -> bool:
        """Whether she belongs to it on that day and has not already left it on that day."""
        return any(start <= on and not any(start <= end <= on for end in self.left) for start in self.joined)


def memberships(state: History) -> Mapping[str, Membership]:
    """The membership of every woman who ever joined, by participation; an empty one for all others."""
    found: defaultdict[str, Membership] = defaultdict(Membership)
    for fact in state.standing("group", "joined", "left"):
        membership = found[fact.data["participation"]]
        (membership.joined if fact.name == "joined" else membership.left).append(day(fact))
    return found
