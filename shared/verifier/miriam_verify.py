#!/usr/bin/env python3
"""Recomputes every figure of a Miriam report from the recorded events, with Python's standard library alone.

An auditor takes this file home. It was written from the counting rules ("Counting rules, version 1", the page
COUNTING.md of the reporting service) and from nothing else: not from the SQL that computes the published figures, so
that the two check each other.

What it reads
    Leaves: the recorded events exactly as they are stored, one JSON object a line, in the order of the ledger. Line k
    is the leaf at position k. A report as of position N is a function of the first N lines and of nothing else.

What it says
    One figure for each indicator (I01-I16, D01-D08), part and level: numerator, denominator, value, and what was left
    out of it and why. Values are integers, or decimals written as text and rounded half-even from exact fractions.

What it cannot say
    Whether an event was never sent. It counts what is in the leaves.

Use
    python3 miriam_verify.py figures --leaves leaves.jsonl --edition 2023-2024 [--as-of N] [--by LEVEL] [--json]

Exit codes
    0  the figures were computed
    1  kept for checks that fail (no command of this version checks anything)
    2  wrong use of the command
    3  the leaves cannot be read: no such file, or a line that is no recorded event
    4  no such edition at that position, or a position beyond the last leaf

How to read this file: sections 1 to 3 turn leaves into standing facts, 4 says which facts are valid, 5 holds one
small function per indicator, each of which yields evidence rows, 6 turns rows into figures, 7 is the command.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

LEVELS = ("total", "region", "cpas", "project")

# ---------------------------------------------------------------------------------------------------------------------
# 1. Code lists, in the order in which figures are listed
# ---------------------------------------------------------------------------------------------------------------------

MEASURED_DOMAINS = (
    "finances", "social_support", "housing", "mobility", "physical_health", "leisure",
    "mental_wellbeing", "autonomy", "self_confidence",
)  # fmt: skip
PERSONAL_SITUATION = ("finances", "social_support", "housing", "physical_health")
LIFE_DOMAINS = (
    "finances", "housing", "health", "employment", "training", "children_and_family",
    "social_network", "mobility", "rights_and_administration", "self_confidence",
)  # fmt: skip
EVIDENCE_KINDS = ("self_declared", "case_manager", "document")
GOAL_OUTCOMES = ("reached", "abandoned", "open")
EXIT_REASONS = (
    "completed", "employment", "training", "moved", "health", "family",
    "withdrew", "lost_contact", "no_longer_eligible", "other",
)  # fmt: skip
NO_DROP_OUT = ("completed", "employment", "training")
REFERRAL_OUTCOMES = ("taken_up", "not_taken_up", "refused_by_partner", "unknown")
FOLLOW_UP = ("employed", "in_training", "seeking_work", "inactive", "not_reached", "not_answered")
NOT_VALID_CODES = ("not_answered", "not_available")
SITUATION_AT_ENTRY = {
    "employment": ("unemployed", "long_term_unemployed", "inactive", "employed"),
    "education": ("lower_secondary_or_less", "upper_secondary", "tertiary"),
    "age_band": ("under_18", "18_29", "30_54", "55_plus"),
}

# Reasons for which a fact counts as unmatched (D01). The others are a matter of dates.
UNMATCHED = frozenset({
    "not_enrolled", "enrolment_retracted", "project_differs", "project_not_carried", "enrolled_outside_edition",
    "basis_not_allowed", "group_retracted", "outside_consortium", "not_a_member", "project_unknown",
})  # fmt: skip

# Facts that may stand once only: where several stand, the first counts and the others are no evidence.
UNIQUE = {
    "edition.opened": ("edition",),
    "cpas.registered": ("cpas",),
    "consortium.formed": ("consortium",),
    "project.approved": ("project",),
    "participation.enrolled": ("participation",),
    "participation.ended": ("participation",),
    "group.formed": ("group",),
    "goal.set": ("participation", "goal"),
    "referral.made": ("participation", "referral"),
    "referral.closed": ("participation", "referral"),
    "assessment.completed": ("participation", "moment"),
}


# What a payload must hold for its figures: `field` is text, `field:n` a whole number, `field:day` a day, `field:list` a
# list of texts, `field:x` a code of list x; a `?` before it says that it may be missing. Every fact has `occurred_on`.
PAYLOADS = {
    "edition.opened": "edition starts_on:day ends_on:day eligibility:list budget:n late_after_days:n",
    "cpas.registered": "cpas region ?signing_key",
    "consortium.formed": "consortium lead members:list",
    "project.approved": "project edition cpas subsidy:n ?consortium",
    "project.payment_made": "project amount:n",
    "project.cost_declared": "project amount:n",
    "participation.enrolled": "participation project person eligibility person_known_by"
    " ?employment:employment ?education:education ?age_band:age_band",
    "participation.ended": "participation project reason:exit",
    "participation.followed_up": "participation project situation:follow_up",
    "person.linked": "participation other",
    "person.unlinked": "participation other",
    "session.held": "participation project duration_minutes:n",
    "session.missed": "participation project",
    "goal.set": "participation project goal domain:life",
    "goal.reached": "participation project goal evidence:evidence",
    "goal.abandoned": "participation project goal",
    "assessment.completed": "participation project moment:moment scores:scores ?changes:changes",
    "referral.made": "participation project referral domain:life",
    "referral.closed": "participation project referral outcome:referral",
    "group.formed": "group project ?consortium",
    "group.joined": "group participation",
    "group.left": "group participation",
    "groupsession.held": "group project present:list excused:list absent:list",
    "door.tallied": "counts:counts",
}
# The facts that count, by family and name; all others change no figure.
KINDS = frozenset(PAYLOADS)
CODES = {
    "exit": EXIT_REASONS,
    "follow_up": FOLLOW_UP,
    "life": LIFE_DOMAINS,
    "evidence": EVIDENCE_KINDS,
    "referral": REFERRAL_OUTCOMES,
    "moment": ("start", "end"),
    **{name: (*codes, *NOT_VALID_CODES) for name, codes in SITUATION_AT_ENTRY.items()},
}

class UnreadableLeaf(Exception):
    """A leaf is no recorded event, or breaks its contract. The message names its position."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"position {position}: {reason}")


class BrokenContract(ValueError):
    """A payload is not what its type says. The message names the field, and no value."""


class NoSuchReport(Exception):
    """The edition is not open at that position, or the position lies beyond the last leaf."""


# ---------------------------------------------------------------------------------------------------------------------
# 2. Numbers and days
# ---------------------------------------------------------------------------------------------------------------------

_PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def decimal_text(value: Fraction, places: int) -> str:
    """An exact fraction as decimal text, rounded half-even; zero has no sign."""
    scaled = round(value * 10**places)  # round() of a Fraction is exact, ties to even
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}"


def square_root(value: Fraction) -> Fraction:
    """The root: exact where it is rational, otherwise to 60 digits (so it never falls on a tie of rounding)."""
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    quotient = _PRECISE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Fraction(_PRECISE.sqrt(quotient))


def days_between(earlier: str, later: str) -> int:
    """Days from one day to another, both `YYYY-MM-DD`."""
    return _ordinal(later) - _ordinal(earlier)


@functools.cache
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def brussels_day(instant: str) -> str:
    """The day in Europe/Brussels of a moment (RFC 3339).

    Summer time as in Directive 2000/84/EC: from the last Sunday of March to that of October, at 01:00 UTC. Written out
    so that this file needs no time zone database.
    """
    moment = datetime.fromisoformat(instant).astimezone(UTC)
    summer = _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)
    return (moment + timedelta(hours=2 if summer else 1)).date().isoformat()


@functools.cache
def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


# ---------------------------------------------------------------------------------------------------------------------
# 3. From leaves to standing facts
# ---------------------------------------------------------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: Any) -> bool:
    return type(value) is int  # a bool is an int, and no number


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and _ordinal(value) > 0
    except ValueError:
        return False


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _are_scores(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(answer := value.get(domain), dict)
        and (_is_number(answer.get("score")) if answer.get("status") == "valid" else _is_text(answer.get("status")))
        for domain in MEASURED_DOMAINS
    )


def _are_changes(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(value.get(domain)) for domain in MEASURED_DOMAINS)


def _are_counts(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict)
        and _is_text(item.get("emitter"))
        and _is_text(item.get("rule"))
        and _is_number(item.get("count"))
        for item in value
    )


def _is_among(codes: Sequence[str]) -> Callable[[Any], bool]:
    known = frozenset(codes)
    return lambda value: isinstance(value, str) and value in known


_FORMS: dict[str, Callable[[Any], bool]] = {
    "": _is_text,
    "n": _is_number,
    "day": _is_day,
    "list": _is_list,
    "scores": _are_scores,
    "changes": _are_changes,
    "counts": _are_counts,
    **{name: _is_among(codes) for name, codes in CODES.items()},
}


def _fields(kind: str) -> tuple[tuple[str, bool, Callable[[Any], bool]], ...]:
    found = []
    for item in ("occurred_on:day " + PAYLOADS[kind]).split():
        name, _, form = item.lstrip("?").partition(":")
        found.append((name, item[0] == "?", _FORMS[form]))
    return tuple(found)


_CONTRACTS = {kind: _fields(kind) for kind in PAYLOADS}


def check_payload(kind: str, data: Any) -> None:
    """Whether a payload holds what its figures need, each in its form. Raises BrokenContract, naming the field."""
    if not isinstance(data, dict):
        raise BrokenContract(f"{kind}: the payload is no object")
    for name, optional, fits in _CONTRACTS[kind]:
        if name not in data:
            if not optional:
                raise BrokenContract(f"{kind}: `{name}` is missing")
        elif not fits(data[name]):
            raise BrokenContract(f"{kind}: `{name}` is not what its contract says")
    if kind == "assessment.completed" and data["moment"] == "end" and "changes" not in data:
        raise BrokenContract(f"{kind}: `changes` is missing")


@dataclass(slots=True)
class Fact:
    """A fact in its last version.

    `first_id` is the recorded id of the fact itself; `event_id` that of the event that made this version (the fact, or
    its last correction), `time` and `position` that event's.
    """

    kind: str
    first_id: str
    event_id: str
    time: str
    data: dict[str, Any]
    position: int
    retracted: bool = False

    @property
    def day(self) -> str:
        """The day on which it happened, in Europe/Brussels."""
        return str(self.data["occurred_on"])

    @property
    def order(self) -> tuple[str, str]:
        """What `first` and `last` go by."""
        return self.data["occurred_on"], self.first_id

    @property
    def project(self) -> str:
        """The project that the fact itself names."""
        return str(self.data["project"])

    @property
    def participation(self) -> str:
        """The participation that the fact names."""
        return str(self.data["participation"])


@dataclass(slots=True)
class Source:
    """What is known of the numbering of one recording service."""

    name: str
    highest: int = 0
    leaves: int = 0
    last_id: str = ""
    last_position: int = 0


@dataclass(slots=True)
class Ledger:
    """The first `size` leaves: facts by first id (retracted ones too), and the sources."""

    size: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)


def read_ledger(leaves: Iterable[bytes | str], as_of: int | None = None) -> Ledger:
    """Read leaves in ledger order, up to position `as_of` (None: all of them).

    Raises:
        UnreadableLeaf: a leaf is no recorded event, or its payload breaks its contract.
        NoSuchReport: there are fewer leaves than `as_of`.
    """
    ledger = Ledger()
    for position, leaf in enumerate(islice(leaves, as_of), start=1):
        try:
            event = json.loads(leaf)
        except ValueError as error:
            raise UnreadableLeaf(position, f"no JSON: {error}") from error
        take(ledger, event, position)
    if as_of is not None and ledger.size < as_of:
        raise NoSuchReport(f"position {as_of} lies beyond the last leaf, {ledger.size}")
    return ledger


def take(ledger: Ledger, event: Any, position: int) -> None:
    """Take one recorded event into the ledger. Raises UnreadableLeaf, and then the ledger is of no more use."""
    try:
        _take(ledger, event, position)
    except BrokenContract as error:
        raise UnreadableLeaf(position, str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableLeaf(position, f"no recorded event: {type(error).__name__}: {error}") from error
    ledger.size = position


def _take(ledger: Ledger, event: dict[str, Any], position: int) -> None:
    source = ledger.sources.setdefault(event["source"], Source(event["source"]))
    source.leaves += 1
    if event["sequence"] > source.highest:
        source.highest, source.last_id, source.last_position = event["sequence"], event["id"], position
    _, family, name, version = event["type"].split(".")
    data = event["data"]
    if name == "corrected":
        fact = ledger.facts.get(data["corrects"])
        if fact is not None and not fact.retracted:
            check_payload(fact.kind, data["replacement"])
            fact.event_id, fact.time, fact.position = event["id"], event["time"], position
            fact.data = data["replacement"]
    elif name == "retracted":
        fact = ledger.facts.get(data["retracts"])
        if fact is not None:
            fact.retracted = True
    elif (kind := f"{family}.{name}") in KINDS:
        if version != "v1":
            raise BrokenContract(f"{event['type']}: this verifier knows version 1 alone")
        check_payload(kind, data)
        ledger.facts[event["id"]] = Fact(kind, event["id"], event["id"], event["time"], data, position)


class Register:
    """Everything that stands, looked up by what it is about. It knows nothing of a particular edition."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.facts = _standing(ledger)
        self.editions = {fact.data["edition"]: fact for fact in self.facts["edition.opened"]}
        self.projects = {fact.project: fact for fact in self.facts["project.approved"]}
        self.enrolments = {fact.participation: fact for fact in self.facts["participation.enrolled"]}
        self.ends = {fact.participation: fact for fact in self.facts["participation.ended"]}
        self.groups = {fact.data["group"]: fact for fact in self.facts["group.formed"]}
        self._regions = {fact.data["cpas"]: fact.data["region"] for fact in self.facts["cpas.registered"]}
        self._consortia = {
            fact.data["consortium"]: frozenset(fact.data["members"]) | {fact.data["lead"]}
            for fact in self.facts["consortium.formed"]
        }
        self._retracted_enrolments = {
            fact.participation
            for fact in ledger.facts.values()
            if fact.retracted and fact.kind == "participation.enrolled"
        }
        self._joined = self._days_by_member("group.joined")
        self._left = self._days_by_member("group.left")
        self._women = name_women(self.enrolments, self.facts["person.linked"] + self.facts["person.unlinked"])

    def _days_by_member(self, kind: str) -> dict[tuple[str, str], list[str]]:
        days: dict[tuple[str, str], list[str]] = defaultdict(list)
        for fact in self.facts[kind]:
            days[fact.data["group"], fact.participation].append(fact.day)
        return days

    def is_registered(self, cpas: str) -> bool:
        """Whether a registration of that CPAS stands."""
        return cpas in self._regions

    def region(self, cpas: str) -> str:
        """The region of a CPAS, or `unknown`."""
        return str(self._regions.get(cpas, "unknown"))

    def carriers(self, project: Fact) -> frozenset[str]:
        """The CPAS that carry an approved project: its own, and the members of its consortium, if that stands."""
        return self._consortia.get(project.data.get("consortium"), frozenset()) | {project.data["cpas"]}

    def in_one_consortium(self, consortium: str | None, cpas: str, other: str) -> bool:
        """Whether that consortium stands and both CPAS are members of it."""
        return {cpas, other} <= self._consortia.get(consortium or "", frozenset())

    def is_member(self, group: str, participation: str, day: str) -> bool:
        """Whether she had joined the group by that day and had not left it since, before that day."""
        left = self._left.get((group, participation), ())
        return any(
            joined <= day and not any(joined <= gone < day for gone in left)
            for joined in self._joined.get((group, participation), ())
        )

    def woman(self, participation: str) -> str:
        """The woman behind a participation; the participation's own id where no enrolment of it stands."""
        return self._women.get(participation, participation)

    def enrolment_was_retracted(self, participation: str) -> bool:
        """Whether an enrolment of the participation was recorded and then retracted."""
        return participation in self._retracted_enrolments


def _standing(ledger: Ledger) -> dict[str, list[Fact]]:
    """The facts that stand, by kind, in order; of those that may stand once, the first."""
    found: dict[str, list[Fact]] = {kind: [] for kind in KINDS}
    for fact in ledger.facts.values():
        if not fact.retracted:
            found[fact.kind].append(fact)
    for facts in found.values():
        facts.sort(key=lambda fact: fact.order)
    for kind, names in UNIQUE.items():
        firsts: dict[tuple[str, ...], Fact] = {}
        for fact in found[kind]:
            firsts.setdefault(tuple(fact.data[name] for name in names), fact)
        found[kind] = list(firsts.values())
    return found


def name_women(enrolments: dict[str, Fact], links: list[Fact]) -> dict[str, str]:
    """The woman of each participation that has a standing enrolment.

    `links` are the facts person.linked and person.unlinked that stand; of those that name the same pair, the last
    holds. Persons that are linked, however indirectly, are one woman: she is named by the smallest of their ids.
    """
    last: dict[frozenset[str], Fact] = {}
    for fact in sorted(links, key=lambda fact: fact.order):
        last[frozenset((fact.participation, fact.data["other"]))] = fact
    name = {fact.data["person"]: fact.data["person"] for fact in enrolments.values()}

    def smallest(person: str) -> str:
        while name[person] != person:
            name[person] = name[name[person]]
            person = name[person]
        return person

    for pair, fact in last.items():
        known = [smallest(enrolments[member].data["person"]) for member in pair if member in enrolments]
        if fact.kind == "person.linked" and len(known) > 1:
            name[max(known)] = min(known)
    return {participation: smallest(fact.data["person"]) for participation, fact in enrolments.items()}


# ---------------------------------------------------------------------------------------------------------------------
# 4. Which facts of an edition are valid, and why others are not
# ---------------------------------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    """A fact of the edition; `reason` is why it is not valid, and '' where it is."""

    fact: Fact
    reason: str


class Attendance(NamedTuple):
    """One woman in one list (`present`, `excused`, `absent`) of a group session; `reason` as in Judged."""

    fact: Fact
    participation: str
    status: str
    reason: str

    @property
    def unit(self) -> str:
        """The id under which it is counted."""
        return f"{self.fact.first_id}/{self.participation}"


def cpas_of(owned_id: str) -> str:
    """The CPAS of a participation or group: the part of its id before the colon."""
    return owned_id.partition(":")[0]


class Edition:
    """One edition as it stands: its facts, judged by its own rules.

    A fact belongs to the edition of the approved project that it names. Each property is computed once.
    """

    def __init__(self, register: Register, name: str) -> None:
        if name not in register.editions:
            known = ", ".join(sorted(register.editions)) or "none"
            raise NoSuchReport(f"no edition {name} is open at position {register.ledger.size}; editions: {known}")
        self.register = register
        self.opened = register.editions[name]
        self.rules = self.opened.data
        self.projects = {key: fact for key, fact in register.projects.items() if fact.data["edition"] == name}
        self._enrolment_reasons: dict[str, str] = {}
        self._judged: dict[str, list[Judged]] = {}

    def facts(self, kind: str) -> list[Fact]:
        """The standing facts of a kind that name a project of this edition, in order."""
        return [fact for fact in self.register.facts[kind] if fact.data["project"] in self.projects]

    # -- reasons -------------------------------------------------------------------------------------------------------

    def is_outside(self, day: str) -> bool:
        """Whether a day is not among the edition's."""
        return not self.rules["starts_on"] <= day <= self.rules["ends_on"]

    def enrolment_reason(self, enrolment: Fact) -> str:
        """Why an enrolment in a project of this edition is not valid."""
        reason = self._enrolment_reasons.get(enrolment.first_id)
        if reason is None:
            reason = self._enrolment_reasons[enrolment.first_id] = self._judge_enrolment(enrolment)
        return reason

    def _judge_enrolment(self, enrolment: Fact) -> str:
        if cpas_of(enrolment.participation) not in self.register.carriers(self.projects[enrolment.project]):
            return "project_not_carried"
        if self.is_outside(enrolment.day):
            return "enrolled_outside_edition"
        if enrolment.data["eligibility"] not in self.rules["eligibility"]:
            return "basis_not_allowed"
        return ""

    def participation_reason(self, participation: str, project: str) -> str:
        """Why a fact that names this participation and this project of the edition is not valid, dates apart."""
        enrolment = self.register.enrolments.get(participation)
        if enrolment is None:
            retracted = self.register.enrolment_was_retracted(participation)
            return "enrolment_retracted" if retracted else "not_enrolled"
        if enrolment.project != project:
            return "project_differs"
        return self.enrolment_reason(enrolment)

    def date_reason(self, participation: str, day: str) -> str:
        """Why a meeting with an enrolled woman on that day is not valid."""
        if day < self.register.enrolments[participation].day:
            return "before_enrolment"
        end = self.register.ends.get(participation)
        return "after_end" if end is not None and end.day < day else ""

    def session_reason(self, fact: Fact) -> str:
        """Why an individual session, held or missed, is not valid."""
        reason = self.participation_reason(fact.participation, fact.project)
        if not reason and self.is_outside(fact.day):
            reason = "outside_edition"
        return reason or self.date_reason(fact.participation, fact.day)

    def group_session_reason(self, fact: Fact) -> str:
        """Why a group session is not valid."""
        group = self.register.groups.get(fact.data["group"])
        if group is None:
            return "group_retracted"
        if group.project != fact.project:
            return "project_differs"
        if cpas_of(fact.data["group"]) not in self.register.carriers(self.projects[fact.project]):
            return "project_not_carried"
        return "outside_edition" if self.is_outside(fact.day) else ""

    def attendance_reason(self, session: Judged, participation: str) -> str:
        """Why a woman's place in a list of a group session is not valid."""
        fact = session.fact
        if session.reason:
            return session.reason
        group = self.register.groups[fact.data["group"]]
        here, hers = cpas_of(group.data["group"]), cpas_of(participation)
        if here != hers and not self.register.in_one_consortium(group.data.get("consortium"), here, hers):
            return "outside_consortium"
        if not self.register.is_member(fact.data["group"], participation, fact.day):
            return "not_a_member"
        reason = self.participation_reason(participation, fact.project)
        return reason or self.date_reason(participation, fact.day)

    # -- judged facts --------------------------------------------------------------------------------------------------

    def judged(self, kind: str) -> list[Judged]:
        """The facts of a kind with the reason why each is not valid, in order."""
        found = self._judged.get(kind)
        if found is None:
            found = self._judged[kind] = [Judged(fact, self._reason(fact)) for fact in self.facts(kind)]
        return found

    def _reason(self, fact: Fact) -> str:
        match fact.kind:
            case "participation.enrolled":
                return self.enrolment_reason(fact)
            case "session.held" | "session.missed":
                return self.session_reason(fact)
            case "groupsession.held":
                return self.group_session_reason(fact)
            case _:
                return self.participation_reason(fact.participation, fact.project)

    def valid(self, kind: str) -> list[Fact]:
        """The valid facts of a kind, in order."""
        return [fact for fact, reason in self.judged(kind) if not reason]

    def invalid(self, kind: str) -> list[Judged]:
        """The facts of a kind that are not valid, in order."""
        return [judged for judged in self.judged(kind) if judged.reason]

    @cached_property
    def attendances(self) -> list[Attendance]:
        """Every entry in the lists of the edition's group sessions, in the order of the sessions."""
        return [
            Attendance(session.fact, participation, status, self.attendance_reason(session, participation))
            for session in self.judged("groupsession.held")
            for participation, status in entries(session.fact)
        ]

    @cached_property
    def enrolments(self) -> list[Fact]:
        """The valid enrolments of the edition, in order."""
        return self.valid("participation.enrolled")

    @cached_property
    def contacts(self) -> dict[str, Fact]:
        """By participation, its first valid session held or group session at which she was present."""
        meetings = [(fact.order, fact.participation, fact) for fact in self.valid("session.held")]
        for attendance in self.attendances:
            if attendance.status == "present" and not attendance.reason:
                meetings.append((attendance.fact.order, attendance.participation, attendance.fact))
        found: dict[str, Fact] = {}
        for _, participation, fact in sorted(meetings, key=lambda meeting: meeting[0]):
            found.setdefault(participation, fact)
        return found

    @cached_property
    def ends(self) -> dict[str, Fact]:
        """By participation, its valid end."""
        return {fact.participation: fact for fact in self.valid("participation.ended")}

    # -- women ---------------------------------------------------------------------------------------------------------

    @cached_property
    def enrolments_by_woman(self) -> dict[str, list[Fact]]:
        """The valid enrolments of each woman, in order."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.enrolments:
            found[self.register.woman(fact.participation)].append(fact)
        return found

    @cached_property
    def assessments_by_woman(self) -> dict[str, list[Fact]]:
        """The valid assessments of each woman, start and end, in order."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.valid("assessment.completed"):
            found[self.register.woman(fact.participation)].append(fact)
        return found

    def assessments(self, woman: str, moment: str) -> list[Fact]:
        """Her valid assessments of one moment, in order."""
        return [fact for fact in self.assessments_by_woman.get(woman, ()) if fact.data["moment"] == moment]

    # -- evidence rows -------------------------------------------------------------------------------------------------

    def row(
        self, part: str, at: Place, unit: str, event_id: str, counted: str, reason: str = "", amount: int | None = None
    ) -> Row:
        """An evidence row at a CPAS and project."""
        return Row(part, at.cpas, at.project, self.register.region(at.cpas), unit, event_id, counted, reason, amount)

    def rows_of_woman(
        self, part: str, woman: str, event_id: str, counted: str, reason: str = "", amount: int | None = None
    ) -> Iterator[Row]:
        """The rows of a figure of women: the same in each of her places."""
        for place in dict.fromkeys(place_of(fact) for fact in self.enrolments_by_woman[woman]):
            yield self.row(part, place, woman, event_id, counted, reason, amount)


class Place(NamedTuple):
    """Where a row counts."""

    cpas: str
    project: str


def place_of(fact: Fact) -> Place:
    """The place of a fact of a participation: the participation's CPAS, and the project that the fact names."""
    return Place(cpas_of(fact.participation), fact.project)


def place_of_group(fact: Fact) -> Place:
    """The place of a fact of a group: the group's CPAS, and the project that the fact names."""
    return Place(cpas_of(fact.data["group"]), fact.project)


def at_entry(enrolment: Fact, variable: str) -> str:
    """Her situation at entry; a variable that is not there at all counts as not available."""
    return str(enrolment.data.get(variable, "not_available"))


def entries(fact: Fact) -> Iterator[tuple[str, str]]:
    """Each participation that a group session names, with the first list in which it stands."""
    found: dict[str, str] = {}
    for status in ("present", "excused", "absent"):
        for participation in fact.data[status]:
            found.setdefault(participation, status)
    yield from found.items()


# ---------------------------------------------------------------------------------------------------------------------
# 5. Indicators: each yields evidence rows
# ---------------------------------------------------------------------------------------------------------------------

NUMERATOR, DENOMINATOR, EXCLUDED = "numerator", "denominator", "excluded"


class Row(NamedTuple):
    """One piece of evidence: `unit` is what is counted, `event_id` the event that says so."""

    part: str
    cpas: str | None
    project: str | None
    region: str | None
    unit: str
    event_id: str
    counted: str
    reason: str = ""
    amount: int | None = None


class Computed(NamedTuple):
    """What a kind of figure makes of its rows."""

    numerator: int | None
    denominator: int | None
    value: int | str | None
    detail: dict[str, str | None] | None = None


Measure = Callable[[Sequence[Row]], Computed]


class Part(NamedTuple):
    """One figure of an indicator: its key ('' or `key=value`), its kind, and the unit of its value."""

    key: str
    measure: Measure
    unit: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator: `parts` are always given; `open_part`, where not None, is the pattern of parts that data make."""

    code: str
    rows: Callable[[Edition], Iterator[Row]]
    parts: tuple[Part, ...]
    open_part: Part | None = None


INDICATORS: list[Indicator] = []


def indicator(
    code: str, *parts: Part, open_part: Part | None = None
) -> Callable[[Callable[[Edition], Iterator[Row]]], Callable[[Edition], Iterator[Row]]]:
    """Enter a function in the list of indicators, with the parts of its figure in order."""

    def enter(rows: Callable[[Edition], Iterator[Row]]) -> Callable[[Edition], Iterator[Row]]:
        INDICATORS.append(Indicator(code, rows, parts, open_part))
        return rows

    return enter


def each(key: str, values: Iterable[str], measure: Measure, unit: str) -> tuple[Part, ...]:
    """A part for each value of a code list."""
    return tuple(Part(f"{key}={value}", measure, unit) for value in values)


def part_of(condition: bool) -> str:
    """How a row counts in a share: in the numerator, or in the denominator alone."""
    return NUMERATOR if condition else DENOMINATOR


# -- kinds of figures --------------------------------------------------------------------------------------------------


def _units(rows: Iterable[Row], *counted: str) -> set[str]:
    return {row.unit for row in rows if row.counted in counted}


def _sum(rows: Iterable[Row]) -> int:
    """The amounts of the numerator, each distinct (unit, event) once."""
    amounts = {(row.unit, row.event_id): row.amount for row in rows if row.counted == NUMERATOR}
    return sum(amount or 0 for amount in amounts.values())


def share(rows: Sequence[Row]) -> Computed:
    """Per cent of the units."""
    top, bottom = len(_units(rows, NUMERATOR)), len(_units(rows, NUMERATOR, DENOMINATOR))
    return Computed(top, bottom, decimal_text(Fraction(100 * top, bottom), 1) if bottom else None)


def share_as_number(rows: Sequence[Row]) -> Computed:
    """A share whose value is its numerator."""
    computed = share(rows)
    return computed._replace(value=computed.numerator)


def count(rows: Sequence[Row]) -> Computed:
    """The number of units."""
    top = len(_units(rows, NUMERATOR))
    return Computed(top, None, top)


def total(rows: Sequence[Row]) -> Computed:
    """The sum of amounts."""
    top = _sum(rows)
    return Computed(top, None, top)


def hours(rows: Sequence[Row]) -> Computed:
    """A sum of minutes, as hours."""
    top = _sum(rows)
    return Computed(top, None, decimal_text(Fraction(top, 60), 2))


def euros(rows: Sequence[Row]) -> Computed:
    """A sum of cents, as euros."""
    top = _sum(rows)
    return Computed(top, None, decimal_text(Fraction(top, 100), 2))


def _per_unit(rows: Sequence[Row], scale: int) -> Computed:
    top, bottom = _sum(rows), len(_units(rows, DENOMINATOR))
    return Computed(top, bottom, decimal_text(Fraction(top, bottom * scale), 2) if bottom else None)


def per_unit(rows: Sequence[Row]) -> Computed:
    """The sum of amounts by unit of the denominator."""
    return _per_unit(rows, 1)


def euros_per_unit(rows: Sequence[Row]) -> Computed:
    """The same, of cents as euros."""
    return _per_unit(rows, 100)


def mean_weeks(rows: Sequence[Row]) -> Computed:
    """The mean over units of an amount in days, as weeks."""
    amounts = {row.unit: row.amount or 0 for row in rows if row.counted == NUMERATOR}
    top, bottom = sum(amounts.values()), len(amounts)
    return Computed(top, bottom, decimal_text(Fraction(top, 7 * bottom), 2) if bottom else None)


def median(rows: Sequence[Row]) -> Computed:
    """The median over units of the sum of their amounts."""
    amounts = {(row.unit, row.event_id): row.amount or 0 for row in rows if row.counted == NUMERATOR}
    sums: dict[str, int] = defaultdict(int)
    for (unit, _), amount in amounts.items():
        sums[unit] += amount
    if not sums:
        return Computed(None, 0, None)
    ordered = sorted(sums.values())
    middle = ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
    return Computed(None, len(ordered), decimal_text(Fraction(middle, 2), 1))


def paired(rows: Sequence[Row]) -> Computed:
    """The mean change between a start and an end, with its spread over the pairs (95 % interval, effect size)."""
    starts = {row.unit: row.amount or 0 for row in rows if row.counted == NUMERATOR and row.reason == "start"}
    ends = {row.unit: row.amount or 0 for row in rows if row.counted == NUMERATOR and row.reason == "end"}
    changes = [ends[unit] - start for unit, start in starts.items()]
    n, change = len(changes), sum(changes)
    detail: dict[str, str | None] = dict.fromkeys(("mean_start", "mean_end", "sd", "ci_low", "ci_high", "effect_size"))
    if n == 0:
        return Computed(0, 0, None, detail)
    mean = Fraction(change, n)
    detail["mean_start"] = decimal_text(Fraction(sum(starts.values()), n), 2)
    detail["mean_end"] = decimal_text(Fraction(sum(ends.values()), n), 2)
    if n > 1:
        variance = sum(((item - mean) ** 2 for item in changes), Fraction(0)) / (n - 1)
        margin = Fraction(196, 100) * square_root(variance / n)
        detail["sd"] = decimal_text(square_root(variance), 2)
        detail["ci_low"] = decimal_text(mean - margin, 2)
        detail["ci_high"] = decimal_text(mean + margin, 2)
        if variance:
            detail["effect_size"] = decimal_text(mean / square_root(variance), 2)
    return Computed(change, n, decimal_text(mean, 2), detail)


# -- outcomes ----------------------------------------------------------------------------------------------------------


@indicator("I01", Part("", share_as_number, "women"))
def women_supported(edition: Edition) -> Iterator[Row]:
    """Women enrolled, and those of them with at least one individual or group session."""
    for fact, reason in edition.judged("participation.enrolled"):
        woman, place = edition.register.woman(fact.participation), place_of(fact)
        contact = edition.contacts.get(fact.participation)
        if reason:
            yield edition.row("", place, woman, fact.event_id, EXCLUDED, reason)
        elif contact is None:
            yield edition.row("", place, woman, fact.event_id, DENOMINATOR)
        else:
            yield edition.row("", place, woman, fact.event_id, NUMERATOR)
            yield edition.row("", place, woman, contact.event_id, NUMERATOR)


def _project_rows(edition: Edition) -> Iterator[tuple[str, Fact, str]]:
    """Each carrier of each approved project, with the approval, and how it counts."""
    enrolments = edition.register.enrolments
    active = {enrolments[participation].project for participation in edition.contacts}
    for key, fact in edition.projects.items():
        for carrier in sorted(edition.register.carriers(fact)):
            yield carrier, fact, part_of(key in active)


@indicator("I02", Part("", share_as_number, "projects"))
def projects_active(edition: Edition) -> Iterator[Row]:
    """Approved projects, and those that supported at least one woman."""
    for carrier, fact, counted in _project_rows(edition):
        yield edition.row("", Place(carrier, fact.project), fact.project, fact.event_id, counted)


@indicator("I03", Part("", share_as_number, "cpas"))
def cpas_active(edition: Edition) -> Iterator[Row]:
    """CPAS that carry an approved project, and those with a project that supported at least one woman."""
    for carrier, fact, counted in _project_rows(edition):
        yield edition.row("", Place(carrier, fact.project), carrier, fact.event_id, counted)


@indicator("I04", Part("", share, "%"))
def personal_progress(edition: Edition) -> Iterator[Row]:
    """Women who say `better` of finances, social support, housing or health, of those who answered at the end."""
    for woman, enrolments in edition.enrolments_by_woman.items():
        ends = edition.assessments(woman, "end")
        if not ends:
            yield from edition.rows_of_woman("", woman, enrolments[0].event_id, EXCLUDED, "no_end_assessment")
            continue
        answers = {ends[-1].data["changes"][domain] for domain in PERSONAL_SITUATION}
        if answers <= set(NOT_VALID_CODES):
            yield from edition.rows_of_woman("", woman, ends[-1].event_id, EXCLUDED, "not_answered")
        else:
            yield from edition.rows_of_woman("", woman, ends[-1].event_id, part_of("better" in answers))
    for fact, reason in edition.invalid("assessment.completed"):
        if fact.data["moment"] == "end":
            woman = edition.register.woman(fact.participation)
            yield edition.row("", place_of(fact), woman, fact.event_id, EXCLUDED, reason)


@indicator("I05", *each("domain", MEASURED_DOMAINS, share, "%"))
def domain_progress(edition: Edition) -> Iterator[Row]:
    """The same by measured domain."""
    for woman in edition.enrolments_by_woman:
        for fact in edition.assessments(woman, "end")[-1:]:
            for domain in MEASURED_DOMAINS:
                answer = fact.data["changes"][domain]
                part = f"domain={domain}"
                if answer in NOT_VALID_CODES:
                    yield from edition.rows_of_woman(part, woman, fact.event_id, EXCLUDED, answer)
                else:
                    yield from edition.rows_of_woman(part, woman, fact.event_id, part_of(answer == "better"))


@indicator("I06", *each("domain", MEASURED_DOMAINS, paired, "points"))
def distance_travelled(edition: Edition) -> Iterator[Row]:
    """By measured domain, the change between her first start and her last end score."""
    for woman in edition.assessments_by_woman:
        for domain in MEASURED_DOMAINS:
            part = f"domain={domain}"
            start = _with_score(edition.assessments(woman, "start"), domain)[:1]
            end = _with_score(edition.assessments(woman, "end"), domain)[-1:]
            for moment, assessments, other, missing in (
                ("start", start, end, "no_end"),
                ("end", end, start, "no_start"),
            ):
                for fact, score in assessments:
                    if other:
                        yield from edition.rows_of_woman(part, woman, fact.event_id, NUMERATOR, moment, score)
                    else:
                        yield from edition.rows_of_woman(part, woman, fact.event_id, EXCLUDED, missing)


def _with_score(assessments: list[Fact], domain: str) -> list[tuple[Fact, int]]:
    answers = ((fact, fact.data["scores"][domain]) for fact in assessments)
    return [(fact, answer["score"]) for fact, answer in answers if answer["status"] == "valid"]


@indicator(
    "I07",
    Part("", share, "%"),
    *each("domain", LIFE_DOMAINS, share, "%"),
    *each("outcome", GOAL_OUTCOMES, share, "%"),
    *each("evidence", EVIDENCE_KINDS, share, "%"),
)
def goals(edition: Edition) -> Iterator[Row]:
    """Goals set, and what became of them."""
    reached = _firsts(edition.valid("goal.reached"), "goal")
    abandoned = _firsts(edition.valid("goal.abandoned"), "goal")
    for fact in edition.valid("goal.set"):
        key, place = (fact.participation, fact.data["goal"]), place_of(fact)
        outcome = "reached" if key in reached else "abandoned" if key in abandoned else "open"
        events = [fact.event_id]
        if outcome != "open":
            events.append((reached if outcome == "reached" else abandoned)[key].event_id)
        for event_id in events:
            counted = part_of(outcome == "reached")
            yield edition.row("", place, fact.first_id, event_id, counted)
            yield edition.row(f"domain={fact.data['domain']}", place, fact.first_id, event_id, counted)
            for other in GOAL_OUTCOMES:
                yield edition.row(f"outcome={other}", place, fact.first_id, event_id, part_of(other == outcome))
            if outcome == "reached":
                for kind in EVIDENCE_KINDS:
                    counted_kind = part_of(kind == reached[key].data["evidence"])
                    yield edition.row(f"evidence={kind}", place, fact.first_id, event_id, counted_kind)
    for fact, reason in edition.invalid("goal.set"):
        yield edition.row("", place_of(fact), fact.first_id, fact.event_id, EXCLUDED, reason)
    known = {(fact.participation, fact.data["goal"]) for fact in edition.register.facts["goal.set"]}
    for fact in edition.valid("goal.reached") + edition.valid("goal.abandoned"):
        if (fact.participation, fact.data["goal"]) not in known:
            yield edition.row("", place_of(fact), fact.first_id, fact.event_id, EXCLUDED, "goal_not_set")


def _firsts(facts: list[Fact], name: str) -> dict[tuple[str, str], Fact]:
    """By participation and goal (or referral), the first of these facts, which come in order."""
    found: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        found.setdefault((fact.participation, fact.data[name]), fact)
    return found


@indicator(
    "I08",
    Part("", count, "sessions"),
    Part("measure=hours", hours, "hours"),
    Part("measure=median_per_woman", median, "sessions"),
    Part("measure=missed", count, "sessions"),
)
def individual_sessions(edition: Edition) -> Iterator[Row]:
    """Individual sessions held and missed."""
    for fact, reason in edition.judged("session.held"):
        place = place_of(fact)
        if reason:
            yield edition.row("", place, fact.first_id, fact.event_id, EXCLUDED, reason)
            continue
        woman, minutes = edition.register.woman(fact.participation), fact.data["duration_minutes"]
        yield edition.row("", place, fact.first_id, fact.event_id, NUMERATOR)
        yield edition.row("measure=hours", place, fact.first_id, fact.event_id, NUMERATOR, amount=minutes)
        yield edition.row("measure=median_per_woman", place, woman, fact.event_id, NUMERATOR, amount=1)
    for fact, reason in edition.judged("session.missed"):
        counted = EXCLUDED if reason else NUMERATOR
        yield edition.row("measure=missed", place_of(fact), fact.first_id, fact.event_id, counted, reason)


@indicator(
    "I09",
    Part("measure=mean_present", per_unit, "women"),
    Part("measure=presence_rate", share, "%"),
    Part("measure=weeks_between", mean_weeks, "weeks"),
)
def group_attendance(edition: Edition) -> Iterator[Row]:
    """Women present at a group session, how often members were present, and weeks between sessions."""
    for fact, reason in edition.judged("groupsession.held"):
        counted = EXCLUDED if reason else DENOMINATOR
        yield edition.row("measure=mean_present", place_of_group(fact), fact.first_id, fact.event_id, counted, reason)
    for entry in edition.attendances:
        fact, reason = entry.fact, entry.reason
        if entry.status == "present":
            counted, amount = (EXCLUDED, None) if reason else (NUMERATOR, 1)
            place = place_of_group(fact)
            yield edition.row("measure=mean_present", place, entry.unit, fact.event_id, counted, reason, amount)
        hers = Place(cpas_of(entry.participation), fact.project)
        counted = EXCLUDED if reason else part_of(entry.status == "present")
        yield edition.row("measure=presence_rate", hers, entry.unit, fact.event_id, counted, reason)
    by_group: dict[str, list[Fact]] = defaultdict(list)
    for fact in edition.valid("groupsession.held"):
        by_group[fact.data["group"]].append(fact)
    for sessions in by_group.values():
        for before, fact in pairwise(sessions):
            days = days_between(before.day, fact.day)
            yield edition.row(
                "measure=weeks_between", place_of_group(fact), fact.first_id, fact.event_id, NUMERATOR, amount=days
            )


@indicator(
    "I10",
    Part("", share, "%"),
    *each("reason", (reason for reason in EXIT_REASONS if reason not in NO_DROP_OUT), share, "%"),
)
def drop_out(edition: Edition) -> Iterator[Row]:
    """Participations that ended early, by reason."""
    for fact in edition.enrolments:
        end = edition.ends.get(fact.participation)
        reason = end.data["reason"] if end else None
        dropped = end is not None and reason not in NO_DROP_OUT
        for part in ("", *(f"reason={code}" for code in EXIT_REASONS if code not in NO_DROP_OUT)):
            counts = dropped and part in ("", f"reason={reason}")
            event_id = end.event_id if end and dropped else fact.event_id
            yield edition.row(part, place_of(fact), fact.participation, event_id, part_of(counts))


@indicator(
    "I11",
    Part("", share, "%"),
    *each("reason", EXIT_REASONS, share, "%"),
    Part("measure=employment_or_training", share, "%"),
)
def exits(edition: Edition) -> Iterator[Row]:
    """Participations that ended, by reason, and those that ended in work or training."""
    for fact in edition.enrolments:
        end, place, unit = edition.ends.get(fact.participation), place_of(fact), fact.participation
        if end is None:
            yield edition.row("", place, unit, fact.event_id, DENOMINATOR)
            continue
        reason = end.data["reason"]
        yield edition.row("", place, unit, end.event_id, NUMERATOR)
        for code in EXIT_REASONS:
            yield edition.row(f"reason={code}", place, unit, end.event_id, part_of(code == reason))
        into_work = part_of(reason in ("employment", "training"))
        yield edition.row("measure=employment_or_training", place, unit, end.event_id, into_work)
    for fact, reason in edition.invalid("participation.ended"):
        yield edition.row("", place_of(fact), fact.participation, fact.event_id, EXCLUDED, reason)


@indicator(
    "I12",
    Part("", share, "%"),
    *each("domain", LIFE_DOMAINS, share, "%"),
    *each("outcome", REFERRAL_OUTCOMES, share, "%"),
)
def referrals(edition: Edition) -> Iterator[Row]:
    """Referrals to partners, and what became of them."""
    closed = _firsts(edition.valid("referral.closed"), "referral")
    for fact in edition.valid("referral.made"):
        end, place = closed.get((fact.participation, fact.data["referral"])), place_of(fact)
        for event_id in (fact.event_id, *([end.event_id] if end else [])):
            yield edition.row("", place, fact.first_id, event_id, part_of(end is not None))
            yield edition.row(f"domain={fact.data['domain']}", place, fact.first_id, event_id, part_of(end is not None))
        if end:
            for outcome in REFERRAL_OUTCOMES:
                counted = part_of(outcome == end.data["outcome"])
                yield edition.row(f"outcome={outcome}", place, fact.first_id, end.event_id, counted)
    for fact, reason in edition.invalid("referral.made"):
        yield edition.row("", place_of(fact), fact.first_id, fact.event_id, EXCLUDED, reason)
    known = {(fact.participation, fact.data["referral"]) for fact in edition.register.facts["referral.made"]}
    for fact in edition.valid("referral.closed"):
        if (fact.participation, fact.data["referral"]) not in known:
            yield edition.row("", place_of(fact), fact.first_id, fact.event_id, EXCLUDED, "referral_not_made")


@indicator(
    "I13",
    *each("measure", ("budget", "subsidy", "paid", "declared"), euros, "EUR"),
    *each(
        "measure",
        ("paid_per_woman", "declared_per_woman", "paid_per_place", "declared_per_place"),
        euros_per_unit,
        "EUR",
    ),
)
def cost(edition: Edition) -> Iterator[Row]:
    """Budget, subsidies, payments and declared costs; the last two by woman supported and by place filled."""
    opened = edition.opened
    yield Row(
        "measure=budget",
        None,
        None,
        None,
        opened.data["edition"],
        opened.event_id,
        NUMERATOR,
        amount=opened.data["budget"],
    )
    for fact in edition.projects.values():
        place = Place(fact.data["cpas"], fact.project)
        subsidy = fact.data["subsidy"]
        yield edition.row("measure=subsidy", place, fact.project, fact.event_id, NUMERATOR, amount=subsidy)
    for name, kind in (("paid", "project.payment_made"), ("declared", "project.cost_declared")):
        for fact in edition.facts(kind):
            place = Place(edition.projects[fact.project].data["cpas"], fact.project)
            for part in (name, f"{name}_per_woman", f"{name}_per_place"):
                amount = fact.data["amount"]
                yield edition.row(f"measure={part}", place, fact.first_id, fact.event_id, NUMERATOR, amount=amount)
        for participation in edition.contacts:
            enrolment = edition.register.enrolments[participation]
            place, woman = place_of(enrolment), edition.register.woman(participation)
            yield edition.row(f"measure={name}_per_woman", place, woman, enrolment.event_id, DENOMINATOR)
            yield edition.row(f"measure={name}_per_place", place, participation, enrolment.event_id, DENOMINATOR)


@indicator("I14", Part("", median, "days"))
def first_contact(edition: Edition) -> Iterator[Row]:
    """Days from enrolment to the first session."""
    for fact in edition.enrolments:
        contact = edition.contacts.get(fact.participation)
        if contact is None:
            yield edition.row("", place_of(fact), fact.participation, fact.event_id, EXCLUDED, "no_session")
        else:
            days = days_between(fact.day, contact.day)
            yield edition.row("", place_of(fact), fact.participation, contact.event_id, NUMERATOR, amount=days)


@indicator("I15", Part("", share, "%"), *each("situation", FOLLOW_UP, share, "%"))
def follow_up(edition: Edition) -> Iterator[Row]:
    """Her situation some time after the end."""
    last = {fact.participation: fact for fact in edition.valid("participation.followed_up")}
    for enrolment in edition.enrolments:
        unit, place = enrolment.participation, place_of(enrolment)
        end, fact = edition.ends.get(unit), last.get(unit)
        if end is None:
            continue
        if fact is None:
            yield edition.row("", place, unit, end.event_id, DENOMINATOR)
            continue
        yield edition.row("", place, unit, fact.event_id, NUMERATOR)
        for situation in FOLLOW_UP:
            counted = part_of(situation == fact.data["situation"])
            yield edition.row(f"situation={situation}", place, unit, fact.event_id, counted)


@indicator(
    "I16",
    *(part for variable, codes in SITUATION_AT_ENTRY.items() for part in each(variable, codes, share, "%")),
)
def esf_outputs(edition: Edition) -> Iterator[Row]:
    """Women by their situation at their first entry, as ESF+ counts them."""
    for woman, enrolments in edition.enrolments_by_woman.items():
        event_id = enrolments[0].event_id
        for variable, codes in SITUATION_AT_ENTRY.items():
            answer = at_entry(enrolments[0], variable)
            for code in codes:
                part = f"{variable}={code}"
                if answer in NOT_VALID_CODES:
                    yield from edition.rows_of_woman(part, woman, event_id, EXCLUDED, answer)
                else:
                    yield from edition.rows_of_woman(part, woman, event_id, part_of(answer == code))


# -- quality of the data -----------------------------------------------------------------------------------------------

MATCHED_KINDS = ("session.held", "session.missed", "goal.set", "assessment.completed", "referral.made")


def _matches(edition: Edition) -> Iterator[tuple[Place, str, str, str]]:
    """Every fact and attendance that D01 looks at: place, unit, event, and why it is not valid."""
    for kind in MATCHED_KINDS:
        for fact, reason in edition.judged(kind):
            yield place_of(fact), fact.first_id, fact.event_id, reason
        for fact in _of_unknown_project(edition, kind):
            yield place_of(fact), fact.first_id, fact.event_id, "project_unknown"
    for entry in edition.attendances:
        place = Place(cpas_of(entry.participation), entry.fact.project)
        yield place, entry.unit, entry.fact.event_id, entry.reason
    for fact in _of_unknown_project(edition, "groupsession.held"):
        for participation, _ in entries(fact):
            place, unit = Place(cpas_of(participation), fact.project), f"{fact.first_id}/{participation}"
            yield place, unit, fact.event_id, "project_unknown"


def _of_unknown_project(edition: Edition, kind: str) -> list[Fact]:
    register = edition.register
    return [fact for fact in register.facts[kind] if fact.data["project"] not in register.projects]


@indicator("D01", Part("", share, "%"), open_part=Part("reason=", share, "%"))
def unmatched(edition: Edition) -> Iterator[Row]:
    """Facts that rest on an enrolment, group or project which is not there, or not so."""
    matches = list(_matches(edition))
    reasons = sorted({reason for *_, reason in matches if reason in UNMATCHED})
    for place, unit, event_id, reason in matches:
        yield edition.row("", place, unit, event_id, part_of(reason in UNMATCHED))
        for other in reasons:
            yield edition.row(f"reason={other}", place, unit, event_id, part_of(other == reason))


@indicator("D02", Part("", share, "%"), *each("variable", SITUATION_AT_ENTRY, share, "%"))
def incomplete(edition: Edition) -> Iterator[Row]:
    """Enrolments that miss a variable which ESF+ asks for."""
    for fact in edition.enrolments:
        missing = {name for name in SITUATION_AT_ENTRY if at_entry(fact, name) in NOT_VALID_CODES}
        place, unit = place_of(fact), fact.participation
        yield edition.row("", place, unit, fact.event_id, part_of(bool(missing)))
        for name in SITUATION_AT_ENTRY:
            yield edition.row(f"variable={name}", place, unit, fact.event_id, part_of(name in missing))


@indicator(
    "D03",
    Part("", share, "%"),
    *each("family", ("participation", "session", "goal", "assessment", "referral", "groupsession"), share, "%"),
)
def late(edition: Edition) -> Iterator[Row]:
    """Facts noted later than the edition allows."""
    for kind in ("participation.enrolled", *MATCHED_KINDS, "groupsession.held"):
        family = kind.partition(".")[0]
        for fact in edition.facts(kind):
            place = place_of_group(fact) if family == "groupsession" else place_of(fact)
            waited = days_between(fact.day, brussels_day(fact.time))
            counted = part_of(waited > edition.rules["late_after_days"])
            yield edition.row("", place, fact.first_id, fact.event_id, counted)
            yield edition.row(f"family={family}", place, fact.first_id, fact.event_id, counted)


@indicator("D04", Part("", share, "%"))
def outside_edition(edition: Edition) -> Iterator[Row]:
    """Facts dated before the edition's first day or after its last."""
    for kind in ("participation.enrolled", "session.held", "session.missed", "groupsession.held"):
        for fact in edition.facts(kind):
            place = place_of_group(fact) if kind == "groupsession.held" else place_of(fact)
            yield edition.row("", place, fact.first_id, fact.event_id, part_of(edition.is_outside(fact.day)))


@indicator("D05", Part("", share, "%"), *each("side", ("no_end", "no_start"), share, "%"))
def unpaired(edition: Edition) -> Iterator[Row]:
    """Women with an assessment at the start and none at the end, or the other way round."""
    for woman, assessments in edition.assessments_by_woman.items():
        moments = {fact.data["moment"] for fact in assessments}
        missing = {"no_end": "end" not in moments, "no_start": "start" not in moments}
        event_id = assessments[0].event_id
        yield from edition.rows_of_woman("", woman, event_id, part_of(any(missing.values())))
        for side, is_missing in missing.items():
            yield from edition.rows_of_woman(f"side={side}", woman, event_id, part_of(is_missing))


@indicator("D06", *each("kind", ("re_entry", "move", "without_number"), share, "%"))
def re_entries(edition: Edition) -> Iterator[Row]:
    """Women who came back, who moved, and whom nothing but their participation tells apart."""
    for woman, enrolments in edition.enrolments_by_woman.items():
        centres = [cpas_of(fact.participation) for fact in enrolments]
        found = {
            "re_entry": len(set(centres)) < len(centres),
            "move": len(set(centres)) > 1,
            "without_number": all(fact.data["person_known_by"] == "none" for fact in enrolments),
        }
        for kind, holds in found.items():
            yield from edition.rows_of_woman(f"kind={kind}", woman, enrolments[0].event_id, part_of(holds))


@indicator("D07", Part("", total, "refusals"), open_part=Part("rule=", total, "refusals"))
def refused(edition: Edition) -> Iterator[Row]:
    """What the doors refused, by rule."""
    for fact in edition.register.facts["door.tallied"]:
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for item in fact.data["counts"]:
            counts[item["emitter"], item["rule"]] += item["count"]
        for (emitter, rule), number in counts.items():
            region = edition.register.region(emitter) if edition.register.is_registered(emitter) else None
            unit = f"{fact.event_id}/{emitter}/{rule}"
            for part in ("", f"rule={rule}"):
                yield Row(part, emitter, None, region, unit, fact.event_id, NUMERATOR, amount=number)


@indicator("D08", Part("", total, "events"), open_part=Part("source=", total, "events"))
def sequence_gaps(edition: Edition) -> Iterator[Row]:
    """Numbers that a source has given and that are not in the ledger."""
    for source in edition.register.ledger.sources.values():
        missing = source.highest - source.leaves
        service = source.name.removeprefix("/services/")
        for part in ("", f"source={service}"):
            yield Row(part, None, None, None, source.name, source.last_id, NUMERATOR, amount=missing)


# ---------------------------------------------------------------------------------------------------------------------
# 6. From rows to figures
# ---------------------------------------------------------------------------------------------------------------------

Figure = dict[str, Any]


def figures(
    leaves: Iterable[bytes | str], edition: str, as_of: int | None = None, levels: Sequence[str] = LEVELS
) -> list[Figure]:
    """Every figure of an edition's report, from the first `as_of` leaves (None: all).

    A figure is {code, by, numerator, denominator, value, unit, excluded: [{reason, count}], withheld, detail?}, ordered
    by code, level, level value and part. `by` holds the level (none at the total) and the part.

    Raises:
        UnreadableLeaf: a leaf is no recorded event.
        NoSuchReport: the edition is not open at that position, or the position lies beyond the last leaf.
    """
    return list(report(Edition(Register(read_ledger(leaves, as_of)), edition), levels))


def report(edition: Edition, levels: Sequence[str] = LEVELS) -> Iterator[Figure]:
    """Every figure of an edition, one indicator after the other."""
    for item in INDICATORS:
        yield from figures_of(item, item.rows(edition), levels)


def figures_of(item: Indicator, rows: Iterable[Row], levels: Sequence[str] = LEVELS) -> Iterator[Figure]:
    """The figures of one indicator, from its evidence rows and from nothing else."""
    cells: dict[tuple[str, str], dict[str, list[Row]]] = {("total", ""): defaultdict(list)}
    made = set()
    for row in rows:
        made.add(row.part)
        for level, value in (("total", ""), ("region", row.region), ("cpas", row.cpas), ("project", row.project)):
            if value is not None and level in levels:
                cells.setdefault((level, value), defaultdict(list))[row.part].append(row)
    parts = list(item.parts)
    if item.open_part is not None:
        parts += [item.open_part._replace(key=key) for key in sorted(made - {part.key for part in parts})]
    for level, value in sorted(cells, key=lambda cell: (LEVELS.index(cell[0]), cell[1])):
        if level in levels:
            for part in parts:
                by = {level: value} if level != "total" else {}
                yield figure_of(item.code, by, part, cells[level, value].get(part.key, []))


def figure_of(code: str, level: dict[str, str], part: Part, rows: list[Row]) -> Figure:
    """One figure, from the rows of its level and part."""
    key, _, value = part.key.partition("=")
    computed = part.measure(rows)
    figure: Figure = {
        "code": code,
        "by": {**level, **({key: value} if key else {})},
        "numerator": computed.numerator,
        "denominator": computed.denominator,
        "value": computed.value,
        "unit": part.unit,
        "excluded": exclusions(rows),
        "withheld": False,
    }
    if computed.detail is not None:
        figure["detail"] = computed.detail
    return figure


def exclusions(rows: list[Row]) -> list[dict[str, Any]]:
    """For each reason, how many units are left out by it and count nowhere else among these rows."""
    reasons: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.counted == EXCLUDED:
            reasons[row.reason].add(row.unit)
    if not reasons:
        return []
    counted = _units(rows, NUMERATOR, DENOMINATOR)
    numbers = {reason: len(units - counted) for reason, units in reasons.items()}
    return [{"reason": reason, "count": numbers[reason]} for reason in sorted(numbers) if numbers[reason]]


# ---------------------------------------------------------------------------------------------------------------------
# 7. The command
# ---------------------------------------------------------------------------------------------------------------------

DONE, WRONG_USE, UNREADABLE, NO_SUCH_REPORT = 0, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code (see the head of this file)."""
    options = _parser().parse_args(arguments)
    try:
        with Path(options.leaves).open("rb") as leaves:
            ledger = read_ledger((line for line in leaves if line.strip()), options.as_of)
        edition = Edition(Register(ledger), options.edition)
    except (OSError, UnreadableLeaf) as error:
        print(f"miriam_verify: the leaves cannot be read: {error}", file=sys.stderr)
        return UNREADABLE
    except NoSuchReport as error:
        print(f"miriam_verify: {error}", file=sys.stderr)
        return NO_SUCH_REPORT
    found = report(edition, ("total", *options.by))
    if options.json:
        head = {"edition": options.edition, "position": ledger.size, "as_of": options.as_of, "checkpoint": None}
        print(json.dumps(head, ensure_ascii=False)[:-1], end=', "figures": [')
        for number, figure in enumerate(found):
            print(",\n" if number else "\n", json.dumps(figure, ensure_ascii=False), sep="", end="")
        print("\n]}")
    else:
        print(f"Edition {options.edition}, as of position {ledger.size}\n")
        for figure in found:
            print(as_line(figure))
    return DONE


def as_line(figure: Figure) -> str:
    """A figure in one line of text."""
    by = ", ".join(f"{key}={value}" for key, value in figure["by"].items())
    value = "-" if figure["value"] is None else f"{figure['value']} {figure['unit']}"
    ratio = " / ".join("-" if figure[name] is None else str(figure[name]) for name in (NUMERATOR, DENOMINATOR))
    left_out = "; ".join(f"{item['reason']} {item['count']}" for item in figure["excluded"])
    line = f"{figure['code']}  {by:<44} {value:>18}   ({ratio})" + (f"   excluded: {left_out}" if left_out else "")
    detail = figure.get("detail")
    if detail:
        line += "   " + ", ".join(f"{name} {'-' if item is None else item}" for name, item in detail.items())
    return line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="miriam_verify", description="Recomputes Miriam figures from events.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("figures", help="every figure of an edition's report")
    command.add_argument("--leaves", required=True, metavar="FILE", help="recorded events, one a line, in ledger order")
    command.add_argument("--edition", required=True, help="the edition, as 2023-2024")
    command.add_argument("--as-of", type=_position, metavar="N", help="take the first N leaves only")
    command.add_argument(
        "--by", action="append", default=[], choices=LEVELS[1:], help="figures of this level too; may be repeated"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _position(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
