"""Random payloads over a small world: few ids, few days, so that facts collide, miss each other and tie.

A payload is drawn through a `Pick`, so that hypothesis and a seeded generator share this one description. The first
option of each choice is the plainest one: hypothesis shrinks towards it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from history_defaults import EDITIONS, person, score

from miriam_contracts import codes

T = TypeVar("T")

# The edges of both editions, days that tie, a leap day, and the days on which clocks change.
DAYS = (
    "2023-10-02", "2023-10-16", "2023-11-13", "2023-09-01", "2023-10-29", "2024-02-29", "2024-03-31", "2024-06-30",
    "2023-08-31", "2024-07-01", "2024-09-01", "2024-10-07", "2025-01-15", "2025-06-30", "2025-07-01",
)  # fmt: skip
INSIDE = {"2023": DAYS[:8], "2024": DAYS[10:14]}
FIRST_DAY = {"2023": "2023-10-02", "2024": "2024-10-07"}
UNKNOWN_PROJECT = "spp:p9"


class Pick(Protocol):
    """Where choices come from."""

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        ...


@dataclass
class World:
    """The ids that facts may name. `copies` multiplies CPAS, projects and women for big histories."""

    copies: int = 1
    homes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    consortia: dict[str, str] = field(default_factory=dict)
    projects: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    cpas: dict[str, str] = field(default_factory=dict)
    persons: int = 6

    def __post_init__(self) -> None:
        for copy in range(self.copies):
            self._add("" if copy == 0 else f"-{copy}")
        self.persons = 6 * self.copies

    def _add(self, end: str) -> None:
        names = {name: f"{name}{end}" for name in ("alpha", "beta", "gamma", "delta")}
        alpha, beta, gamma, delta = names.values()
        p1, p2, p3, p4, c1, c2 = (f"spp:{name}{end}" for name in ("p1", "p2", "p3", "p4", "c1", "c2"))
        self.cpas |= {alpha: "brussels", beta: "flanders", gamma: "wallonia"}  # delta is not registered
        self.consortia |= {c1: beta, c2: delta}
        self.projects |= {
            p1: ("2023", alpha, ""),
            p2: ("2023", beta, c1),
            p3: ("2024", alpha, ""),
            p4: ("2023", delta, c2),
        }
        self.homes |= {
            f"{alpha}:w1": p1, f"{alpha}:w2": p1, f"{beta}:w1": p2, f"{gamma}:w1": p2, f"{alpha}:w3": p3,
            f"{gamma}:w2": p4, f"{delta}:w1": p4, f"{beta}:w2": p2, f"{alpha}:w4": p1,
        }  # fmt: skip
        self.groups |= {f"{alpha}:g1": p1, f"{beta}:g1": p2, f"{alpha}:g3": p3, f"{gamma}:g1": p4}

    @property
    def women(self) -> tuple[str, ...]:
        """Participations to choose from; in the small world some stand more often, so that their facts meet."""
        often = ("alpha:w1", "beta:w1", "gamma:w1") * 3 if self.copies == 1 else ()
        return (*often, *self.homes)

    def edition_of(self, participation: str) -> str:
        """The edition of the project in which she is at home."""
        return self.projects[self.homes[participation]][0]

    def members(self, consortium: str) -> list[str]:
        """The members of a consortium as it is first formed."""
        end = consortium[len("spp:c1") :]
        pair = ("beta", "gamma") if consortium.startswith("spp:c1") else ("delta", "gamma")
        return [f"{name}{end}" for name in pair]


def mostly(pick: Pick, value: T, others: Sequence[T], weight: int = 6) -> T:
    """`value` most of the time, now and then one of the others."""
    return pick.of((value,) * weight + tuple(others))


def day(pick: Pick, edition: str = "2023") -> str:
    """A day, mostly inside the edition."""
    return pick.of(DAYS) if pick.of((False,) * 7 + (True,)) else pick.of(INSIDE[edition])


def project_for(pick: Pick, world: World, home: str) -> str:
    """The project that a fact names: mostly the right one."""
    if pick.of((False,) * 9 + (True,)):
        return pick.of((*world.projects, UNKNOWN_PROJECT))
    return home


def _woman(pick: Pick, world: World) -> dict[str, Any]:
    participation = pick.of(world.women)
    return {
        "participation": participation,
        "project": project_for(pick, world, world.homes[participation]),
        "occurred_on": day(pick, world.edition_of(participation)),
    }


def _own(base: Mapping[str, Any], name: str) -> str:
    return f"{str(base['participation']).partition(':')[0]}:{name}"


def _enrolled(pick: Pick, world: World) -> dict[str, Any]:
    base = _woman(pick, world)
    home = tuple(world.homes).index(base["participation"]) % world.persons
    return {
        **base,
        "occurred_on": mostly(pick, FIRST_DAY[world.edition_of(base["participation"])], (base["occurred_on"],), 2),
        "person": person(mostly(pick, home, range(world.persons))),
        "person_known_by": pick.of(("number", "number", "none")),
        "eligibility": mostly(pick, "single_mother_cpas_service", codes.ELIGIBILITY),
        "employment": pick.of(codes.EMPLOYMENT),
        "education": pick.of(codes.EDUCATION),
        "age_band": pick.of(codes.AGE_BANDS),
    }


def _assessment(pick: Pick, world: World) -> dict[str, Any]:
    base = _woman(pick, world)
    answers: tuple[int | str, ...] = (5, 3, 8, 0, 10, "not_answered", "not_available")
    found = {
        **base,
        "moment": pick.of(codes.MOMENTS),
        "scores": {domain: score(pick.of(answers)) for domain in codes.MEASURED_DOMAINS},
    }
    if found["moment"] == "end":
        # Often one answer for all: a woman without any valid answer is rare otherwise.
        one = pick.of((None, None, *codes.CHANGES))
        found["changes"] = {domain: one or pick.of(codes.CHANGES) for domain in codes.MEASURED_DOMAINS}
    return found


def _with_woman(**choices: Sequence[Any]) -> Callable[[Pick, World], dict[str, Any]]:
    """A fact of a participation; a choice that holds text before a colon is an id of the CPAS's own."""

    def draw(pick: Pick, world: World) -> dict[str, Any]:
        base = _woman(pick, world)
        for name, options in choices.items():
            value = pick.of(options)
            base[name] = _own(base, value) if name in ("goal", "referral") else value
        return base

    return draw


def _link(pick: Pick, world: World) -> dict[str, Any]:
    return {"participation": pick.of(world.women), "other": pick.of(world.women), "occurred_on": day(pick)}


def _group(pick: Pick, world: World) -> dict[str, Any]:
    group = pick.of(tuple(world.groups))
    home = world.groups[group]
    return {
        "group": group,
        "project": project_for(pick, world, home),
        "occurred_on": day(pick, world.projects[home][0]),
    }


def _formed(pick: Pick, world: World) -> dict[str, Any]:
    base = _group(pick, world)
    consortium = pick.of(("", *world.consortia))
    return {**base, "consortium": consortium} if consortium else base


def _member(pick: Pick, world: World) -> dict[str, Any]:
    return {**_group(pick, world), "participation": pick.of(tuple(world.homes))}


def _group_session(pick: Pick, world: World) -> dict[str, Any]:
    base = _group(pick, world)
    end = str(base["group"]).partition(":")[0].partition("-")[2]
    near = [p for p in world.homes if p.partition(":")[0].partition("-")[2] == end]
    lists: dict[str, list[str]] = {"present": [], "excused": [], "absent": []}
    for participation in near:
        for name in pick.of(((), ("present",), ("present",), ("excused",), ("absent",), ("excused", "present"))):
            lists[name].append(participation)
    return {**base, **lists}


def _approved(pick: Pick, world: World) -> dict[str, Any]:
    project = pick.of((*world.projects, UNKNOWN_PROJECT))
    edition, cpas, consortium = world.projects.get(project, ("2023", "alpha", ""))
    found = {
        "project": project,
        "occurred_on": day(pick),
        "edition": mostly(pick, edition, tuple(EDITIONS)),
        "cpas": mostly(pick, cpas, tuple(world.cpas)),
        "subsidy": pick.of((0, 50_000_00, 63_613_00)),
    }
    named = mostly(pick, consortium, ("", *world.consortia))
    return {**found, "consortium": named} if named else found


def _opened(pick: Pick, world: World) -> dict[str, Any]:
    edition = pick.of(tuple(EDITIONS))
    starts_on, ends_on = EDITIONS[edition]
    return {
        "edition": edition,
        "occurred_on": day(pick),
        "starts_on": pick.of((starts_on, "2023-10-16")),
        "ends_on": pick.of((ends_on, "2024-03-31")),
        "eligibility": pick.of((["single_mother_cpas_service"], list(codes.ELIGIBILITY))),
        "late_after_days": pick.of((3, 0, 1, 366)),
        "budget": pick.of((100_000_00, 1)),
    }


def _registered(pick: Pick, world: World) -> dict[str, Any]:
    cpas = pick.of((*world.cpas, "delta"))
    return {"cpas": cpas, "region": pick.of(codes.REGIONS), "occurred_on": day(pick)}


def _consortium(pick: Pick, world: World) -> dict[str, Any]:
    consortium = pick.of(tuple(world.consortia))
    members = pick.of((world.members(consortium), ["alpha", "beta"], ["beta", "gamma", "delta"]))
    return {
        "consortium": consortium,
        "lead": pick.of((members[0], "alpha")),
        "members": members,
        "occurred_on": day(pick),
    }


def _money(pick: Pick, world: World) -> dict[str, Any]:
    project = mostly(pick, pick.of(tuple(world.projects)), (UNKNOWN_PROJECT,))
    return {"project": project, "occurred_on": day(pick), "amount": pick.of((20_000_00, 1, 333_33))}


def _tally(pick: Pick, world: World) -> dict[str, Any]:
    items = [
        {"emitter": emitter, "rule": rule, "count": pick.of((1, 2, 40))}
        for emitter in ("alpha", "delta", "spp", "unknown")
        for rule in pick.of(((), ("required",), ("unknown_code", "required"), ("required", "required")))
    ]
    distinct = list({str(item): item for item in items}.values())
    return {"occurred_on": day(pick), "counts": distinct or [{"emitter": "beta", "rule": "required", "count": 1}]}


GOALS, REFERRALS = ("o1", "o1", "o2"), ("r1", "r1", "r2")
# By kind, how its payload is drawn; a kind that stands early in the weights below is drawn more often.
PAYLOADS: dict[str, Callable[[Pick, World], dict[str, Any]]] = {
    "participation.enrolled": _enrolled,
    "participation.ended": _with_woman(reason=codes.EXIT_REASONS),
    "participation.followed_up": _with_woman(situation=codes.FOLLOW_UP),
    "participation.referred": _with_woman(),
    "participation.consent_withdrawn": _with_woman(),
    "person.linked": _link,
    "person.unlinked": _link,
    "session.held": _with_woman(duration_minutes=(60, 25, 50, 1)),
    "session.missed": _with_woman(reason=codes.MISSED_REASONS),
    "goal.set": _with_woman(goal=GOALS, domain=codes.LIFE_DOMAINS),
    "goal.progressed": _with_woman(goal=GOALS, percent=(10, 90)),
    "goal.reached": _with_woman(goal=GOALS, evidence=codes.EVIDENCE_KINDS),
    "goal.abandoned": _with_woman(goal=GOALS, reason=codes.GOAL_ABANDON_REASONS),
    "assessment.completed": _assessment,
    "referral.made": _with_woman(referral=REFERRALS, domain=codes.LIFE_DOMAINS),
    "referral.closed": _with_woman(referral=REFERRALS, outcome=codes.REFERRAL_OUTCOMES),
    "group.formed": _formed,
    "group.joined": _member,
    "group.left": _member,
    "group.closed": _group,
    "groupsession.held": _group_session,
    "groupsession.cancelled": _group,
    "edition.opened": _opened,
    "cpas.registered": _registered,
    "consortium.formed": _consortium,
    "project.approved": _approved,
    "project.payment_made": _money,
    "project.cost_declared": _money,
    "project.ended": lambda pick, world: {"project": pick.of(tuple(world.projects)), "occurred_on": day(pick)},
    "door.tallied": _tally,
}
# Authority's facts and exits change everything around them: they are rarer than what rests on them.
WEIGHTS = {
    "participation.enrolled": 12, "session.held": 30, "groupsession.held": 24, "assessment.completed": 30,
    "goal.set": 18, "group.joined": 9, "goal.reached": 15, "referral.made": 15, "participation.ended": 8,
    "session.missed": 9,
    "referral.closed": 12, "goal.abandoned": 9, "group.left": 8, "participation.followed_up": 9, "person.linked": 9,
    "person.unlinked": 7, "group.formed": 2, "project.payment_made": 6, "project.cost_declared": 6, "door.tallied": 3,
}  # fmt: skip
KINDS = tuple(kind for kind in PAYLOADS for _ in range(WEIGHTS.get(kind, 1)))
