#!/usr/bin/env python3
"""Checks an audit bundle of Miriam, and recomputes every figure in it, with Python's standard library alone.

An auditor takes this file home; it and the keys come from the authority, not from the bundle. The figures were written
from the counting rules ("Counting rules, version 1", the page COUNTING.md of the reporting service) and from nothing
else: not from the SQL that computes the published figures, so that the two check each other. Trees, signatures and
proofs were written from RFC 6962, RFC 8032 and the C2SP pages on signed notes, checkpoints and cosignatures.

What it reads
    A bundle, which `miriam audit bundle` makes: one zip with the recorded events exactly as they are stored (the leaves
    of the ledger), the signed head of the ledger, and what the platform says that follows from them.
    Line k of a whole ledger is the leaf at position k. A report as of position N is a function of the first N leaves.

What it says
    What agrees, what does not (each difference with both values), and what cannot be proved.

What it cannot say
    Whether an event was never sent, or says what is not so. It checks and counts what is in the leaves.

Use
    python3 miriam_verify.py --key AUTHORITY.pub bundle.zip [--all] [--json]
    python3 miriam_verify.py proof --key AUTHORITY.pub proof.json
    python3 miriam_verify.py figures --leaves leaves.jsonl --edition 2023-2024 [--as-of N] [--by LEVEL] [--json]

Exit codes
    0  everything that can be checked agrees; the figures were computed
    1  an untruth was found (it stops at the first, unless --all is given)
    2  wrong use of the command
    3  the bundle, the proof, the keys or the leaves cannot be read
    4  (figures) no such edition at that position, or a position beyond the last leaf

How to read this file: sections 1 to 3 turn leaves into standing facts, 4 says which facts are valid, 5 holds one
small function per indicator, each of which yields evidence rows, 6 turns rows into figures. Section 7 has the Merkle
tree, 8 the signatures, 9 the zip, 10 what a leaf must be, 11 the checks of a bundle, 12 those of the life of reports,
13 the command.
"""

from __future__ import annotations

import argparse
import base64
import bisect
import functools
import gc
import hashlib
import json
import math
import re
import struct
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, islice, pairwise
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
CHANGES = ("worse", "same", "better", *NOT_VALID_CODES)
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
# The same of the later versions that some of these facts have beside their first.
LATER_PAYLOADS = {
    "session.held.v2": "participation project duration:duration",
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


_DURATION = re.compile(r"PT(?=.)(?:([1-9][0-9]?)H)?(?:([1-9]|[1-5][0-9])M)?", re.ASCII)


def _is_duration(value: Any) -> bool:
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _are_scores(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(answer := value.get(domain), dict)
        and (
            _is_number(answer.get("score"))
            if answer.get("status") == "valid"
            else answer.get("status") in NOT_VALID_CODES
        )
        for domain in MEASURED_DOMAINS
    )


def _are_changes(value: Any) -> bool:
    return isinstance(value, dict) and all(value.get(domain) in CHANGES for domain in MEASURED_DOMAINS)


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
    "duration": _is_duration,
    "list": _is_list,
    "scores": _are_scores,
    "changes": _are_changes,
    "counts": _are_counts,
    **{name: _is_among(codes) for name, codes in CODES.items()},
}


def _fields(payload: str) -> tuple[tuple[str, bool, Callable[[Any], bool]], ...]:
    found = []
    for item in ("occurred_on:day " + payload).split():
        name, _, form = item.lstrip("?").partition(":")
        found.append((name, item[0] == "?", _FORMS[form]))
    return tuple(found)


_CONTRACTS = {f"{kind}.v1": _fields(payload) for kind, payload in PAYLOADS.items()} | {
    kind: _fields(payload) for kind, payload in LATER_PAYLOADS.items()
}


def check_payload(kind: str, data: Any, version: str = "v1") -> None:
    """Whether a payload holds what its figures need, each in its form. Raises BrokenContract, naming the field."""
    if f"{kind}.{version}" not in _CONTRACTS:
        raise BrokenContract(f"{kind}: this verifier does not know its version {version[1:]}")
    if not isinstance(data, dict):
        raise BrokenContract(f"{kind}: the payload is no object")
    for name, optional, fits in _CONTRACTS[f"{kind}.{version}"]:
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
    """What is known of the numbering of one recording service. The last leaf is that of no test CPAS."""

    name: str
    highest: int = 0
    leaves: int = 0
    last_number: int = 0
    holes: list[tuple[int, int]] = field(default_factory=list)  # runs of numbers that are not here, first and last
    last_id: str = ""
    last_position: int = 0


@dataclass(slots=True)
class Ledger:
    """The first `size` leaves: facts by first id (retracted ones too), and the sources.

    `tests` are leaves of test CPAS: they count nowhere, and are no facts here. `wiped` are the runs of numbers of which
    a service said that it emptied them, because a test CPAS had sent them.
    """

    size: int = 0
    tests: int = 0
    wiped: dict[str, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
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


def is_of_a_test(event: dict[str, Any]) -> bool:
    """Whether an event came from a test CPAS: no other emitter's id begins so."""
    return str(event["origin"]).startswith("/cpas/test-")


def wiped_runs(event: dict[str, Any]) -> list[tuple[int, int]]:
    """The runs of numbers that a `door.wiped` names, first and last. Raises BrokenContract where it is not one."""
    data = event["data"]
    runs = [(run["first"], run["last"]) for run in data["numbers"]]
    ends = [0, *(number for run in runs for number in run), event["sequence"]]
    if not all(map(_is_number, ends)) or any(
        later < earlier or (at % 2 == 0 and later == earlier) for at, (earlier, later) in enumerate(pairwise(ends))
    ):
        raise BrokenContract("door.wiped: `numbers` are not runs in their order, before its own number")
    if not str(data["emitter"]).startswith("test-") or data["events"] != sum(last - first + 1 for first, last in runs):
        raise BrokenContract("door.wiped: it names no test CPAS, or another count than its numbers")
    return runs


def common_numbers(runs: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> int:
    """How many numbers are both in some of `runs`, which do not overlap, and in some of `others`, which may."""
    merged: list[list[int]] = []
    for first, last in sorted(others):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    count, at = 0, 0
    for first, last in sorted(runs):
        while at < len(merged) and merged[at][1] < first:
            at += 1
        here = at
        while here < len(merged) and merged[here][0] <= last:
            count += min(last, merged[here][1]) - max(first, merged[here][0]) + 1
            here += 1
    return count


def _take(ledger: Ledger, event: dict[str, Any], position: int) -> None:
    source = ledger.sources.setdefault(event["source"], Source(event["source"]))
    source.leaves += 1
    number = event["sequence"]
    if number > source.highest:
        if number > source.highest + 1:
            source.holes.append((source.highest + 1, number - 1))
        source.highest = number
    if event["type"] == "miriam.door.wiped.v1":
        ledger.wiped[event["source"]].update(wiped_runs(event))
    if is_of_a_test(event):
        ledger.tests += 1
        return
    if number > source.last_number:
        source.last_number, source.last_id, source.last_position = number, event["id"], position
    _, family, name, version = event["type"].split(".")
    data = event["data"]
    if name == "corrected":
        fact = ledger.facts.get(data["corrects"])
        if fact is not None and not fact.retracted:
            check_payload(fact.kind, data["replacement"], version)  # a correction has the version of what it holds
            fact.event_id, fact.time, fact.data = event["id"], event["time"], data["replacement"]
            fact.position = position
    elif name == "retracted":
        fact = ledger.facts.get(data["retracts"])
        if fact is not None:
            fact.retracted = True
    elif (kind := f"{family}.{name}") in KINDS:
        check_payload(kind, data, version)
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


def minutes_of(held: Fact) -> int:
    """How long a session lasted: version 1 tells it in minutes, version 2 in hours and minutes."""
    if "duration_minutes" in held.data:
        return int(held.data["duration_minutes"])
    told = _DURATION.fullmatch(held.data["duration"])
    assert told is not None  # its contract was checked
    return int(told[1] or 0) * 60 + int(told[2] or 0)


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
        woman, minutes = edition.register.woman(fact.participation), minutes_of(fact)
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
            if item["emitter"].startswith("test-"):
                continue
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
        if not source.last_id:
            continue
        wiped = common_numbers(source.holes, edition.register.ledger.wiped.get(source.name, ()))
        missing = source.highest - source.leaves - wiped
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
    # Rows of one part and place go together into the cells of all levels: there are few such, and millions of rows.
    alike: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        alike[row[:4]].append(row)
    for (part, cpas, project, region), found in alike.items():
        made.add(part)
        for level, value in (("total", ""), ("region", region), ("cpas", cpas), ("project", project)):
            if value is not None and level in levels:
                cells.setdefault((level, value), defaultdict(list))[part].extend(found)
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
# 7. Merkle trees (RFC 6962, section 2.1)
# ---------------------------------------------------------------------------------------------------------------------

HASH_BYTES = 32


class ProofFails(ValueError):
    """A proof, a signature or a form does not hold. The message says why."""


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(leaves: int) -> int:
    """The largest power of two below `leaves`, which is 2 or more: where a tree divides."""
    return 1 << (leaves - 1).bit_length() - 1


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, level by level: a last node without a neighbour goes up as it is."""
    level = list(hashes)
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


Range = tuple[int, int]  # first and last position, counted from 1


def root_with_gaps(size: int, held: Sequence[Range], leaves: Sequence[bytes], others: Iterator[bytes]) -> bytes:
    """The root over `size` leaves, of which those in the ranges `held` are known by their hashes `leaves`.

    What is not held comes from `others`: the root of each largest subtree without a held leaf, from left to right.
    Raises ProofFails where `others` ends too early.
    """
    starts = [first for first, _ in held]
    before = list(accumulate((last - first + 1 for first, last in held), initial=0))

    def subtree(low: int, high: int) -> bytes:
        """The root over positions low + 1 .. high."""
        # The first range that ends behind `low`.
        at = bisect.bisect_right(starts, low + 1) - 1
        if at < 0 or held[at][1] <= low:
            at += 1
        if at == len(held) or held[at][0] > high:
            found = next(others, None)
            if found is None:
                raise ProofFails("a hash of leaves that are not held is missing")
            return found
        first, last = held[at]
        if first <= low + 1 and high <= last:
            start = before[at] + low + 1 - first
            return root_of(leaves[start : start + high - low])
        middle = low + _split(high - low)
        return node_hash(subtree(low, middle), subtree(middle, high))

    return subtree(0, size) if size else root_of(())


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Whether the leaf with this hash stands at `index` (from 0) of the tree with this root. Raises ProofFails."""
    if not 0 <= index < size:
        raise ProofFails(f"a tree of {size} leaves has none at position {index + 1}")
    path = list(reversed(proof))

    def subtree(low: int, high: int) -> bytes:
        if high - low == 1:
            return leaf
        if not path:
            raise ProofFails("the proof is too short")
        other = path.pop(0)
        middle = low + _split(high - low)
        if index < middle:
            return node_hash(subtree(low, middle), other)
        return node_hash(other, subtree(middle, high))

    found = subtree(0, size)
    if path:
        raise ProofFails("the proof is too long")
    if found != root:
        raise ProofFails("the proof leads to another root")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Whether the tree of `new` leaves begins with the tree of `old` leaves. Raises ProofFails."""
    if not 0 < old <= new:
        raise ProofFails(f"a tree of {new} leaves does not begin with one of {old}")
    path = list(reversed(proof))

    def subtree(low: int, high: int, whole: bool) -> tuple[bytes, bytes]:
        """The roots over leaves low .. high - 1: as of the old tree (its part of them), and as of the new one.

        `whole`: the old tree is exactly this subtree and all before it was on its right spine, so its root is known.
        """
        if old == high:
            if whole:
                return old_root, old_root
            if not path:
                raise ProofFails("the proof is too short")
            part = path.pop(0)
            return part, part
        if not path:
            raise ProofFails("the proof is too short")
        other = path.pop(0)
        middle = low + _split(high - low)
        if old <= middle:
            of_old, of_new = subtree(low, middle, whole)
            return of_old, node_hash(of_new, other)
        of_old, of_new = subtree(middle, high, False)
        return node_hash(other, of_old), node_hash(other, of_new)

    of_old, of_new = subtree(0, new, True)
    if path:
        raise ProofFails("the proof is too long")
    if of_old != old_root:
        raise ProofFails("the proof leads to another root of the smaller tree")
    if of_new != new_root:
        raise ProofFails("the proof leads to another root of the larger tree")


# ---------------------------------------------------------------------------------------------------------------------
# 8. Signatures: Ed25519 (RFC 8032), signed notes, checkpoints and cosignatures (C2SP)
# ---------------------------------------------------------------------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
_NEUTRAL: _Point = (0, 1, 1, 0)


def _point_sum(a: _Point, b: _Point) -> _Point:
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    t, z = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = right - left, z - t, z + t, right + left
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point_double(a: _Point) -> _Point:
    x2, y2, z2 = a[0] * a[0] % _P, a[1] * a[1] % _P, 2 * a[2] * a[2] % _P
    h = x2 + y2
    e, g = h - (a[0] + a[1]) ** 2 % _P, x2 - y2
    f = z2 + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point_of(encoded: bytes) -> _Point | None:
    """The point of 32 bytes; None where they encode none, or encode it in a second way."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _encoded_point(a: _Point) -> bytes:
    inverse = pow(a[2], -1, _P)
    x, y = a[0] * inverse % _P, a[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = _point_of((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or _NEUTRAL


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is by this key over this message (RFC 8032, 5.1.7, without the cofactor).

    Strict: S below the group's order, points in their one encoding, no key of small order (which signs anything).
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    key = _point_of(public)
    if s >= _L or key is None:
        return False
    if _encoded_point(_point_double(_point_double(_point_double(key)))) == _encoded_point(_NEUTRAL):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    minus_key: _Point = (_P - key[0], key[1], key[2], _P - key[3])
    added = (_NEUTRAL, _BASE, minus_key, _point_sum(_BASE, minus_key))
    found = _NEUTRAL
    for bit in range(252, -1, -1):
        found = _point_double(found)
        which = (s >> bit & 1) + 2 * (k >> bit & 1)
        if which:
            found = _point_sum(found, added[which])
    return _encoded_point(found) == signature[:32]


def from_base64(text: str) -> bytes:
    """The bytes of base64 in its one form. Raises ProofFails."""
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise ProofFails("no base64") from None
    if base64.b64encode(found).decode() != text:
        raise ProofFails("base64 that is not in its one form")
    return found


LOG, COSIGNER = 1, 4  # the types of keys: of the log, and of witnesses (cosignature/v1)


@dataclass(frozen=True, slots=True)
class Key:
    """A public key: whose, of which type, and its 32 bytes."""

    name: str
    type: int
    public: bytes

    @classmethod
    def read(cls, line: str) -> Key:
        """From `<name>+<8 hex digits>+<base64>`. Raises ProofFails."""
        parts = line.split("+", 2)
        if len(parts) != 3 or not parts[0] or any(character.isspace() for character in parts[0]):
            raise ProofFails("a key is <name>+<8 hex digits>+<base64>")
        material = from_base64(parts[2])
        if len(material) != 33 or material[0] not in (LOG, COSIGNER):
            raise ProofFails(f"the key of {parts[0]} is neither of a log nor of a witness (Ed25519)")
        key = cls(parts[0], material[0], material[1:])
        if key.id.hex() != parts[1]:
            raise ProofFails(f"the key of {key.name} does not have the id that stands before it")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes that name it in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]


def read_keys(text: str) -> list[Key]:
    """The keys of a file, one a line; lines that begin with `#` are comments. Raises ProofFails."""
    lines = (line.strip() for line in text.splitlines())
    return [Key.read(line) for line in lines if line and not line.startswith("#")]


_SIGNATURE = re.compile(r"\u2014 ([^\s+]+) (\S+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Note:
    """A signed text. `signatures` are name, key id, and what follows the id."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def read(cls, content: bytes) -> Note:
        """Read a note strictly: every byte of it has one reading. Raises ProofFails."""
        try:
            whole = content.decode()
        except UnicodeDecodeError:
            raise ProofFails("a note that is no UTF-8") from None
        text, found, tail = whole.rpartition("\n\n")
        if _CONTROL.search(whole) or not text or not found or not tail.endswith("\n"):
            raise ProofFails("no signed note")
        signatures = []
        for line in tail[:-1].split("\n"):
            match = _SIGNATURE.fullmatch(line)
            if match is None:
                raise ProofFails("a signature line that is none")
            material = from_base64(match[2])
            if len(material) <= 4:
                raise ProofFails("a signature line without a signature")
            signatures.append((match[1], material[:4], material[4:]))
        if len({signature[:2] for signature in signatures}) < len(signatures):
            raise ProofFails("a key signs a note once")
        return cls(text + "\n", tuple(signatures))

    def signed_by(self, keys: Iterable[Key]) -> list[tuple[Key, int | None]]:
        """Which of the keys signed it, and when (cosignatures alone say). Raises ProofFails at a false signature."""
        known = {(key.name, key.id): key for key in keys}
        found: list[tuple[Key, int | None]] = []
        for name, key_id, signature in self.signatures:
            key = known.get((name, key_id))
            if key is None:
                continue
            message, at = self.text.encode(), None
            if key.type == COSIGNER:
                at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                message = f"cosignature/v1\ntime {at}\n".encode() + message
            if not ed25519_verifies(key.public, message, signature):
                raise ProofFails(f"the signature of {name} is false")
            found.append((key, at))
        return found


class Checkpoint(NamedTuple):
    """The head of a log."""

    origin: str
    size: int
    root: bytes


_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text: origin, size, root, each on a line of its own. Raises ProofFails."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise ProofFails("no checkpoint: it has three lines, of which the second is a number")
    root = from_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise ProofFails("no checkpoint: a root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


class Signers(NamedTuple):
    """Who signed a checkpoint, in words."""

    log: str
    witnesses: list[str]


def check_signers(note: Note, origin: str, keys: Sequence[Key]) -> Signers:
    """Whether a checkpoint is signed by the log and by a witness, where `keys` hold any. Raises ProofFails."""
    found = note.signed_by(keys)
    logs = [key for key, _ in found if key.type == LOG and key.name == origin]
    if any(key.type == LOG for key in keys) and not logs:
        raise ProofFails("the checkpoint is not signed by a key of the log")
    witnesses = [f"{key.name} at {moment(at)}" for key, at in found if at is not None]
    if any(key.type == COSIGNER for key in keys) and not witnesses:
        raise ProofFails("the checkpoint is not cosigned by the authority")
    return Signers(logs[0].name if logs else "", witnesses)


def moment(seconds: int) -> str:
    """Seconds since 1970 as a time in UTC."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return f"{seconds} seconds after 1970"


# ---------------------------------------------------------------------------------------------------------------------
# 9. The bundle's file: a zip of which every byte is accounted for
# ---------------------------------------------------------------------------------------------------------------------

_CHUNK = 1 << 20
_SMALL = 64 << 20  # the most bytes of a file that is read at once
_LONGEST_LINE = 4 << 20
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*){0,3}", re.ASCII)
_CENTRAL, _LOCAL = struct.Struct("<4s4B4HL2L5H2L"), struct.Struct("<4s2B4HL2L2H")
_END, _END64, _LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_MADE_ON = (0, 33)  # midnight of 1 January 1980: a bundle bears no time of its making


class Unreadable(Exception):
    """The file is not there, or is no bundle at all."""


class Entry(NamedTuple):
    """One file in the zip: where its bytes lie, and what they must come to."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int


class Archive:
    """A zip, read strictly: entries stand one behind the other, listed once, in order, and nothing is beside them."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
            self._length = path.stat().st_size
            beginning = self._file.read(4)
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}") from error
        if beginning != b"PK\x03\x04":
            raise Unreadable(f"{path}: no zip file")
        self.entries = self._read_entries()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _at(self, offset: int, length: int) -> bytes:
        if offset < 0:
            raise ProofFails("the zip file is cut off")
        self._file.seek(offset)
        found = self._file.read(length)
        if len(found) != length:
            raise ProofFails("the zip file is cut off")
        return found

    def _read_entries(self) -> dict[str, Entry]:
        count, length, start = self._read_end()
        directory, at, offset = self._at(start, length), 0, 0
        found: dict[str, Entry] = {}
        for _ in range(count):
            entry, taken, behind = self._read_entry(directory, at, offset)
            if entry.name in found:
                raise ProofFails(f"{entry.name} is in the zip file twice")
            found[entry.name] = entry
            at, offset = at + taken, behind
        if at != length or offset != start:
            raise ProofFails("there is something in the zip file that is not in its list")
        return found

    def _read_end(self) -> tuple[int, int, int]:
        """How many entries there are, the length of their list, and where it begins."""
        end = self._length - _END.size
        mark, disk, first, here, count, length, start, comment = _END.unpack(self._at(end, _END.size))
        if mark != b"PK\x05\x06" or disk or first or here != count or comment:
            raise ProofFails("the zip file does not end as it should")
        if self._at(end - _LOCATOR.size, 4) == b"PK\x06\x07":
            narrow = (count, length, start)
            _, disk, end64, disks = _LOCATOR.unpack(self._at(end - _LOCATOR.size, _LOCATOR.size))
            end -= _LOCATOR.size + _END64.size
            mark, rest, made, needed, disk64, first, here, count, length, start = _END64.unpack(
                self._at(end64, _END64.size)
            )
            expected = (min(count, 0xFFFF), min(length, 0xFFFFFFFF), min(start, 0xFFFFFFFF))
            if (mark, rest, made, needed, here) != (b"PK\x06\x06", 44, 45, 45, count) or end64 != end:
                raise ProofFails("the zip file does not end as it should")
            if (disk, disks, disk64, first) != (0, 1, 0, 0) or narrow != expected:
                raise ProofFails("the zip file does not end as it should")
        if start + length != end:
            raise ProofFails("there is something in the zip file that is not in its list")
        return count, length, start

    def _read_entry(self, directory: bytes, at: int, offset: int) -> tuple[Entry, int, int]:
        """The entry listed at `at`, whose own header must be at `offset`; lengths of its listing, and where it ends."""
        if len(directory) < at + _CENTRAL.size:
            raise ProofFails("the zip file's list is cut off")
        (mark, made, system, needed, zero, flags, method, time, day, crc, packed, size, name_length, extra_length,
         comment, disk, internal, external, header) = _CENTRAL.unpack_from(directory, at)  # fmt: skip
        taken = _CENTRAL.size + name_length + extra_length
        named = directory[at + _CENTRAL.size : at + _CENTRAL.size + name_length]
        wide = _wide_sizes(directory[at + taken - extra_length : at + taken])
        try:
            name = named.decode("ascii")
        except UnicodeDecodeError:
            raise ProofFails("a name in the zip file is not ASCII") from None
        if not _NAME.fullmatch(name):
            raise ProofFails(f"{name!r} is no name of a file in a bundle")
        size, packed, header = (next(wide, -1) if each == 0xFFFFFFFF else each for each in (size, packed, header))
        plain = (mark, system, zero, flags, time, day, comment, disk, internal, external)
        if plain != (b"PK\x01\x02", 3, 0, 0, *_MADE_ON, 0, 0, 0, 0o100644 << 16) or made != needed:
            raise ProofFails(f"{name}: another header than a bundle's files have")
        if method not in (0, 8) or needed not in (20, 45) or header != offset or next(wide, None) is not None:
            raise ProofFails(f"{name}: another header than a bundle's files have")
        local = _LOCAL.unpack(self._at(offset, _LOCAL.size))
        length = local[11]
        extra = _wide_sizes(self._at(offset + _LOCAL.size + name_length, length))
        sizes = tuple(next(extra, -1) if length else each for each in (local[9], local[8]))
        expected = (b"PK\x03\x04", needed, 0, 0, method, *_MADE_ON, crc)
        if local[:8] != expected or sizes != (size, packed) or next(extra, None) is not None:
            raise ProofFails(f"{name}: its header is not what the zip file's list says")
        if local[10] != name_length or self._at(offset + _LOCAL.size, name_length) != named:
            raise ProofFails(f"{name}: its header is not what the zip file's list says")
        # Where sizes stand in the extra field, older versions of Python's zipfile write them in the header as well.
        if length and local[8:10] not in ((0xFFFFFFFF, 0xFFFFFFFF), (packed, size)):
            raise ProofFails(f"{name}: its header is not what the zip file's list says")
        start = offset + _LOCAL.size + name_length + length
        return Entry(name, method, crc, packed, size, start), taken, start + packed

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file, piece by piece. Raises ProofFails where it is not there or is damaged."""
        entry = self.entries.get(name)
        if entry is None:
            raise ProofFails(f"{name} is not in the bundle")
        unpacker = zlib.decompressobj(-15)
        crc, size, left, given, ended = 0, 0, entry.packed, b"", False
        while not ended:
            if left and not given:
                given = self._at(entry.start + entry.packed - left, min(_CHUNK, left))
                left -= len(given)
            if entry.method:
                try:
                    piece = unpacker.decompress(given, _CHUNK)
                except zlib.error as error:
                    raise ProofFails(f"{name} is damaged: {error}") from error
                given, ended = unpacker.unconsumed_tail, unpacker.eof
                if ended and (left or given or unpacker.unused_data):
                    raise ProofFails(f"{name}: something follows its end")
                if not (ended or piece or left or given):
                    raise ProofFails(f"{name} is cut off")
            else:
                piece, given, ended = given, b"", not left
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            if size > entry.size:
                raise ProofFails(f"{name} is longer than it says")
            if piece:
                yield piece
        if size != entry.size or crc != entry.crc:
            raise ProofFails(f"{name} is damaged")

    def content(self, name: str) -> bytes:
        """The whole of a small file. Raises ProofFails as `chunks`, and where the file is large."""
        if name in self.entries and self.entries[name].size > _SMALL:
            raise ProofFails(f"{name} is too large")
        return b"".join(self.chunks(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, without their ends. Raises ProofFails where the last has no end, or one is too long."""
        rest = b""
        for piece in self.chunks(name):
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            if len(rest) > _LONGEST_LINE:
                raise ProofFails(f"{name}: a line that is too long")
            yield from lines
        if rest:
            raise ProofFails(f"{name}: the last line has no end")


def _wide_sizes(extra: bytes) -> Iterator[int]:
    """The numbers of 8 bytes in the extra field of a zip header (ZIP64), which holds nothing else."""
    if not extra:
        return iter(())
    if len(extra) < 12 or len(extra) % 8 != 4 or extra[:4] != struct.pack("<2H", 1, len(extra) - 4):
        raise ProofFails("a header in the zip file holds what no bundle holds")
    return iter(struct.unpack(f"<{len(extra) // 8}Q", extra[4:]))


# ---------------------------------------------------------------------------------------------------------------------
# 10. What every leaf must be
# ---------------------------------------------------------------------------------------------------------------------

_MAX_INTEGER = 2**53 - 1


def _bounded(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > _MAX_INTEGER:
        raise ValueError("a number beyond 2^53 - 1")
    return number


def _no_float(text: str) -> Any:
    raise ValueError("a number that is not whole")


_DECODER = json.JSONDecoder(parse_float=_no_float, parse_int=_bounded, parse_constant=_no_float)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of a value without floats, huge integers, and keys that are not ASCII."""
    return _ENCODER.encode(value).encode()


def read_canonical(body: bytes) -> Any:
    """The value of canonical JSON. Raises ProofFails where the bytes are another writing of it, or no JSON."""
    try:
        text = body.decode()
        value = _DECODER.decode(text)
        same = _ENCODER.encode(value) == text
    except (ValueError, RecursionError) as error:
        raise ProofFails(f"no canonical JSON: {error}") from None
    if not same:
        raise ProofFails("JSON, but not in its canonical form")
    # Keys sort by code points here and by UTF-16 units in RFC 8785: with ASCII keys, that is the same.
    if not body.isascii() and not _keys_are_ascii(value):
        raise ProofFails("no canonical JSON: a key that is not ASCII")
    return value


def _keys_are_ascii(value: Any) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and _keys_are_ascii(item) for key, item in value.items())
    return all(map(_keys_are_ascii, value)) if isinstance(value, list) else True


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_TYPE = re.compile(r"miriam\.([a-z]+)\.([a-z_]+)\.v([1-9][0-9]?)", re.ASCII)
_SALT = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ATTRIBUTES = (
    "correlationid", "data", "datacontenttype", "id", "origin", "originid", "recordedtime", "salt", "sequence",
    "source", "specversion", "subject", "time", "type",
)  # fmt: skip
_REQUIRED = frozenset(_ATTRIBUTES)
_ALLOWED = _REQUIRED | {"causationid", "personaldigest", "traceparent"}
_TEXTS = _ALLOWED - {"data", "sequence"}

# The service that records each family; what each records of itself (door, key) comes from any of them.
OWNERS = {
    **dict.fromkeys(("edition", "cpas", "consortium", "project", "participation", "person"), "intake"),
    **dict.fromkeys(("session", "goal", "assessment", "referral"), "sessions"),
    **dict.fromkeys(("group", "groupsession"), "groups"),
    "report": "reporting",
}
SOURCES = tuple(f"/services/{name}" for name in ("intake", "sessions", "groups", "reporting"))


def read_event(body: bytes) -> dict[str, Any]:
    """The recorded event of a leaf. Raises ProofFails where it is none, or not in canonical form."""
    event = read_canonical(body)
    if not isinstance(event, dict) or not _REQUIRED <= event.keys() <= _ALLOWED:
        raise ProofFails("no recorded event: other attributes than one has")
    if not all(isinstance(event[name], str) for name in event.keys() & _TEXTS) or not isinstance(event["data"], dict):
        raise ProofFails("no recorded event: an attribute of another type")
    if not _is_number(event["sequence"]) or event["sequence"] < 1:
        raise ProofFails("no recorded event: `sequence` is no number of one")
    for name, form in (("id", _UUID), ("recordedtime", _UTC), ("time", _INSTANT), ("salt", _SALT)):
        if not form.fullmatch(event[name]):
            raise ProofFails(f"no recorded event: the form of `{name}`")
    if event["specversion"] != "1.0" or event["datacontenttype"] != "application/json":
        raise ProofFails("no recorded event: not CloudEvents 1.0 with JSON")
    kind = _TYPE.fullmatch(event["type"])
    if kind is None or event["source"] not in SOURCES:
        raise ProofFails("no recorded event: `type` or `source` is none of Miriam's")
    owner = OWNERS.get(kind[1])
    if owner is not None and event["source"] != f"/services/{owner}":
        raise ProofFails(f"{event['type']} is recorded by {owner}, not by {event['source']}")
    return event


class Chains:
    """The rules of the recorded events among each other: numbers, ids, corrections. `whole`: every leaf is held."""

    def __init__(self, whole: bool, retired: int) -> None:
        self.whole = whole
        self.numbers: dict[str, int] = {}
        self.holes = 0
        self.corrections = 0
        self._may_miss = retired
        self._retired = False  # whether an edition was retired before
        self._ids: set[str] = set()
        # Family, subject, source, id of the version that stands ('' retracted), `test` where a test CPAS said it.
        self._facts: dict[str, list[str]] = {}
        self._tests: dict[tuple[str, str], set[int]] = defaultdict(set)  # numbers by source and test CPAS
        self._holes: dict[str, list[Range]] = defaultdict(list)

    def add(self, event: dict[str, Any]) -> None:
        """Look at the next event, in the order of the ledger. Raises ProofFails."""
        source, number = event["source"], event["sequence"]
        missing = number - self.numbers.get(source, 0) - 1
        if missing < 0:
            raise ProofFails(f"{source}: number {number} stands behind number {self.numbers[source]}")
        self.numbers[source] = number
        self.holes += missing
        if missing:
            self._holes[source].append((number - missing, number - 1))
        test = "test" if is_of_a_test(event) else ""
        if test:
            self._tests[source, event["origin"]].add(number)
        if missing and self.whole and self.holes > self._may_miss:
            raise ProofFails(f"{source}: {missing} numbers before {number} are missing")
        if event["id"] in self._ids:
            raise ProofFails(f"the event id {event['id']} stands twice")
        self._ids.add(event["id"])
        _, family, name, _ = event["type"].split(".")
        self._retired |= (family, name) == ("edition", "retired")
        if (family, name) == ("door", "wiped"):
            self._believe(event)
        if name in ("corrected", "retracted"):
            self._follow(event, family, name, test)
        else:
            self._facts[event["id"]] = [family, event["subject"], source, event["id"], test]

    def _believe(self, event: dict[str, Any]) -> None:
        """What a service said that it wiped: where the leaves are here still, they are that test CPAS's."""
        try:
            runs = wiped_runs(event)
        except (BrokenContract, KeyError, TypeError, ValueError) as error:
            raise ProofFails(f"no statement of a wipe: {error}") from None
        source = event["source"]
        held = self._tests[source, f"/cpas/{event['data']['emitter']}"]
        for first, last in runs if self.whole else ():
            gone = common_numbers([(first, last)], self._holes[source])
            if gone + sum(number in held for number in range(first, last + 1)) < last - first + 1:
                raise ProofFails(f"{source} says that it wiped {first}-{last}, of which others sent some")

    def _follow(self, event: dict[str, Any], family: str, name: str, test: str) -> None:
        data = event["data"]
        first = data.get("corrects" if name == "corrected" else "retracts")
        fact = self._facts.get(first) if isinstance(first, str) else None
        if fact is None:
            # A fact is emptied with all its versions; only what came when it was gone already stands alone.
            if self._may_miss and self._retired:
                return
            raise ProofFails(f"{event['type']} names a fact that is not here before it")
        if fact[:3] != [family, event["subject"], event["source"]]:
            raise ProofFails(f"{event['type']} names a fact of another family, subject or source")
        if fact[4] != test:
            raise ProofFails(f"{event['type']}: what a test CPAS says and what others say do not change each other")
        if not fact[3]:
            raise ProofFails(f"{event['type']} follows the retraction of its fact")
        if data.get("supersedes") != fact[3]:
            raise ProofFails(f"{event['type']} follows another version of its fact than the last one here")
        fact[3] = event["id"] if name == "corrected" else ""
        self.corrections += 1


# ---------------------------------------------------------------------------------------------------------------------
# 11. A bundle, and what is checked of it
# ---------------------------------------------------------------------------------------------------------------------

FORMAT = "miriam-audit-bundle/1"
_MOST_COMPARED = 1_000_000  # lines looked at behind a difference, whatever a file holds
CODES_OF_ALL = ("D07", "D08")  # of every edition and source: only the whole ledger shows them
_FILES = (
    "checkpoint.txt", "evidence.jsonl", "figures.json", "hashes.bin", "leaves.jsonl", "positions.txt",
    "publications.json", "retired.txt",
)  # fmt: skip
_RANGE = re.compile(rb"([1-9][0-9]{0,15})-([1-9][0-9]{0,15})")
_DEFINITION = re.compile(r"indicators/(.+)\.([0-9a-f]{12})")


class NotReached(Exception):
    """A check needs what an earlier one did not yield."""


class FirstUntruth(Exception):
    """An untruth was found, and no more was asked for."""


@dataclass
class Findings:
    """What agrees, what does not, and what cannot be proved: each a heading and a sentence."""

    every: bool = False
    agrees: list[tuple[str, str]] = field(default_factory=list)
    untrue: list[tuple[str, str]] = field(default_factory=list)
    unproved: list[tuple[str, str]] = field(default_factory=list)

    def is_untrue(self, what: str, why: str) -> None:
        """Note an untruth and say it at once. Raises FirstUntruth unless every one is wanted."""
        self.untrue.append((what, why))
        print(plain(f"UNTRUE  {what}: {why}"), file=sys.stderr, flush=True)
        if not self.every:
            raise FirstUntruth

    def check(self, what: str, run: Callable[[], str]) -> None:
        """Run one check, which answers what agrees."""
        before = len(self.untrue)
        try:
            said = run()
        except (ProofFails, UnreadableLeaf, NoSuchReport) as error:
            self.is_untrue(what, str(error))
        except NotReached as error:
            self.unproved.append((what, f"not looked at: {error}"))
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
            # Whatever stands in a bundle, the answer is a sentence and no traceback.
            self.is_untrue(what, f"not what a bundle holds: {type(error).__name__}: {error}")
        else:
            if len(self.untrue) == before:
                self.agrees.append((what, said))


class Scope(NamedTuple):
    """Of what the bundle is: `ledger` (all leaves), `edition`, or `cpas` (and then which)."""

    kind: str
    cpas: str = ""


class Bundle:
    """A bundle and the keys that it is judged by. Its checks are methods, in the order in which they build up."""

    def __init__(self, archive: Archive, keys: Sequence[Key], findings: Findings) -> None:
        self.archive, self.keys, self.findings = archive, keys, findings
        self.manifest: dict[str, Any] = {}
        self.checkpoint: Checkpoint | None = None
        self.held: list[Range] = []
        self.retired: list[Range] = []
        self.wiped = 0  # leaves of test CPAS without a body, as their services say
        self.hashes: list[bytes] = []
        self.root: bytes | None = None
        self.ledger: Ledger | None = None
        self.figures: list[Figure] | None = None
        self.known_rules: dict[str, bool] = {}  # by the digest of a list of definitions: whether all are of version 1
        self.reports: list[tuple[int, dict[str, Any]]] = []
        self._editions: dict[int, Edition] = {}

    def check(self) -> None:
        """Every check. Raises FirstUntruth where the findings want no more than one."""
        run = self.findings.check
        run("files", self.check_files)
        run("checkpoint", self.check_checkpoint)
        run("leaves", self.check_leaves)
        run("root", self.check_root)
        run("evidence", self.check_evidence)
        run("figures", self.check_figures)
        run("definitions", self.check_definitions)
        run("reports", Life(self).check)
        self._say_what_stays_open()

    # -- what is asked of the manifest -----------------------------------------------------------------------------

    @property
    def edition(self) -> str:
        """The edition that the figures are of."""
        self._need(self.manifest, "the manifest does not hold")
        return str(self.manifest["edition"])

    @property
    def position(self) -> int:
        """The position that the figures are of."""
        self._need(self.manifest, "the manifest does not hold")
        return int(self.manifest["position"])

    @property
    def scope(self) -> Scope:
        """Of what it is."""
        self._need(self.manifest, "the manifest does not hold")
        return Scope(**self.manifest["scope"])

    @property
    def is_whole(self) -> bool:
        """Whether every leaf up to the position is in it."""
        return self.scope.kind == "ledger" and not self.retired

    def _need(self, what: object, why: str) -> None:
        if not what:
            raise NotReached(why)

    # -- files -----------------------------------------------------------------------------------------------------

    def check_files(self) -> str:
        """The manifest is signed by the log's key, and every file is what it says."""
        content = self.archive.content("manifest.json")
        manifest = read_canonical(content)
        _check_manifest(manifest)
        note = Note.read(self.archive.content("manifest.sig"))
        if note.text != f"{FORMAT}\nsha256 {hashlib.sha256(content).hexdigest()}\n":
            raise ProofFails("manifest.sig is of another manifest")
        signers = [key.name for key, _ in note.signed_by(self.keys) if key.type == LOG and key.name == manifest["log"]]
        if any(key.type == LOG for key in self.keys):
            if not signers:
                raise ProofFails("the manifest is not signed by a key of the log")
        else:
            self.findings.unproved.append(("files", "who made the bundle: the key file holds no key of the log"))
        if list(self.archive.entries) != [*sorted(manifest["files"]), "manifest.json", "manifest.sig"]:
            raise ProofFails("the zip file does not hold exactly the files of the manifest, in their order")
        for name, expected in manifest["files"].items():
            digest, size = hashlib.sha256(), 0
            for piece in self.archive.chunks(name):
                digest.update(piece)
                size += len(piece)
            if {"sha256": digest.hexdigest(), "size": size} != expected:
                raise ProofFails(f"{name} is not what the manifest says")
        self.manifest = manifest
        by = f", which {signers[0]} signed" if signers else ""
        return f"{len(manifest['files'])} files are what the manifest says{by}"

    def check_checkpoint(self) -> str:
        """The checkpoint is signed by the log and cosigned by the authority, and covers the position."""
        note = Note.read(self.archive.content("checkpoint.txt"))
        checkpoint = read_checkpoint(note.text)
        if checkpoint.origin != self.manifest.get("log", checkpoint.origin):
            raise ProofFails("the checkpoint is of another log than the manifest")
        signers = check_signers(note, checkpoint.origin, self.keys)
        if self.position > checkpoint.size:
            raise ProofFails(f"the checkpoint is of {checkpoint.size} leaves, the figures of {self.position}")
        if not signers.witnesses:
            self.findings.unproved.append(
                ("checkpoint", "that the authority saw this ledger: the key file holds no key of it")
            )
        self.checkpoint = checkpoint
        signed = f"signed by {signers.log}" if signers.log else "signed by nobody whose key is known"
        return f"{checkpoint.size} leaves, {signed}; cosigned by {', '.join(signers.witnesses) or 'nobody known'}"

    # -- leaves ----------------------------------------------------------------------------------------------------

    def check_leaves(self) -> str:
        """Each leaf is a recorded event in canonical form; numbers, ids and corrections follow one another."""
        held, retired = self._ranges("positions.txt"), self._ranges("retired.txt")
        size, emptied = (sum(last - first + 1 for first, last in ranges) for ranges in (held, retired))
        if _overlap(held, retired):
            raise ProofFails("a position is both held and retired")
        if self.scope.kind == "ledger" and size + emptied != self.position:
            raise ProofFails(f"of {self.position} leaves {size} are held and {emptied} retired: the others are missing")
        chains, ledger, hashes = Chains(self.scope.kind == "ledger", emptied), Ledger(), []
        retirements, untrue = 0, len(self.findings.untrue)
        for position, body in self._leaves(held):
            hashes.append(leaf_hash(body))
            try:
                event = read_event(body)
                chains.add(event)
                take(ledger, event, position)
            except ProofFails as error:
                self.findings.is_untrue("leaves", f"position {position}: {error}")
                continue
            except UnreadableLeaf as error:
                self.findings.is_untrue("leaves", str(error))
                continue
            if event["type"].startswith("miriam.report.") and event["data"].get("edition") == self.edition:
                self.reports.append((position, event))
            if event["type"] == "miriam.edition.retired.v1":
                retirements += 1
                if event["data"].get("edition") == self.edition:
                    raise ProofFails(f"position {position}: {self.edition} was retired, so it has no figures any more")
        self.held, self.hashes = held, hashes
        if self.scope.kind == "ledger":
            sources = ledger.sources.items()
            self.wiped = sum(common_numbers(each.holes, ledger.wiped.get(name, ())) for name, each in sources)
        unsaid = emptied - self.wiped
        self.retired = retired if unsaid else []
        if len(self.findings.untrue) > untrue:
            return ""
        if self.scope.kind == "ledger" and bool(unsaid) == (CODES_OF_ALL[0] in self.manifest["figures"]):
            raise ProofFails("figures of every source are given although leaves were retired, or left out without that")
        if unsaid and not retirements:
            raise ProofFails(f"{unsaid} leaves are said to be retired, and no edition was")
        if chains.holes and self.scope.kind == "ledger" and chains.holes > emptied:
            raise ProofFails("more numbers are missing than leaves were retired")
        self.ledger = ledger
        numbers = ", ".join(f"{source.rpartition('/')[2]} {last}" for source, last in sorted(chains.numbers.items()))
        run = "numbers run without a hole to" if self.is_whole else "last numbers:"
        said = f"{size} recorded events in canonical form, {chains.corrections} of them corrections"
        if ledger.tests:
            said += f", {ledger.tests} of test CPAS, which count nowhere"
        return f"{said}; {run} {numbers}"

    def _wiped_numbers(self) -> str:
        """The numbers that the services say they wiped, as `sessions 12-16, 20-20; groups 3-3`."""
        wiped = self.ledger.wiped if self.ledger else {}
        told = (
            f"{source.rpartition('/')[2]} " + ", ".join(f"{first}-{last}" for first, last in sorted(runs))
            for source, runs in sorted(wiped.items())
        )
        return "; ".join(told)

    def _ranges(self, name: str) -> list[Range]:
        found: list[Range] = []
        before = -1
        for line in self.archive.lines(name):
            match = _RANGE.fullmatch(line)
            if match is None:
                raise ProofFails(f"{name}: a line is no range of positions")
            first, last = int(match[1]), int(match[2])
            if not before + 1 < first <= last <= self.position:
                raise ProofFails(f"{name}: {first}-{last} does not follow, or lies outside")
            found.append((first, last))
            before = last
        return found

    def _leaves(self, held: list[Range]) -> Iterator[tuple[int, bytes]]:
        lines = self.archive.lines("leaves.jsonl")
        for first, last in held:
            for position in range(first, last + 1):
                body = next(lines, None)
                if body is None:
                    raise ProofFails(f"the leaf at position {position} is missing")
                yield position, body
        if next(lines, None) is not None:
            raise ProofFails("there are more leaves than positions")

    def check_root(self) -> str:
        """The root of the checkpoint follows from the leaves, and from the hashes of those that are not held."""
        self._need(self.held, "there is no leaf to be read")
        others = self._hashes()
        root = root_with_gaps(self.position, self.held, self.hashes, others)
        if next(others, None) is not None:
            raise ProofFails("hashes.bin holds more hashes than the tree needs")
        if self.checkpoint is None:
            raise NotReached("the checkpoint does not hold")
        if self.checkpoint.size == self.position:
            if "consistency.txt" in self.archive.entries:
                raise ProofFails("a proof of consistency is given where there is nothing to prove")
            if root != self.checkpoint.root:
                raise ProofFails("these leaves have another root than the checkpoint: they are not the ledger's")
            said = "is the checkpoint's"
        else:
            proof = [from_base64(line.decode("ascii", "replace")) for line in self.archive.lines("consistency.txt")]
            if any(len(each) != HASH_BYTES for each in proof):
                raise ProofFails("consistency.txt: a hash has 32 bytes")
            try:
                check_consistency(self.position, root, self.checkpoint.size, self.checkpoint.root, proof)
            except ProofFails as error:
                raise ProofFails(f"these leaves are not how the checkpoint's ledger begins: {error}") from error
            said = f"is how the checkpoint's tree of {self.checkpoint.size} begins"
        self.root = root
        count = self.archive.entries["hashes.bin"].size // HASH_BYTES
        known = f" and {count} hashes of what is not held" if count else ""
        return f"the root over {len(self.hashes)} leaves{known} {said}"

    def _hashes(self) -> Iterator[bytes]:
        rest = b""
        for piece in self.archive.chunks("hashes.bin"):
            piece = rest + piece
            whole = len(piece) - len(piece) % HASH_BYTES
            yield from (piece[at : at + HASH_BYTES] for at in range(0, whole, HASH_BYTES))
            rest = piece[whole:]
        if rest:
            raise ProofFails("hashes.bin is no row of hashes")

    # -- figures and evidence --------------------------------------------------------------------------------------

    def at(self, position: int) -> Edition:
        """The edition as it stood at a position, from the leaves that are held. Raises NoSuchReport."""
        found = self._editions.get(position)
        if found is None:
            self._need(self.ledger, "the leaves do not hold")
            ledger = self.ledger
            assert ledger is not None
            if position != self.position:
                ledger = Ledger(wiped=ledger.wiped)
                for at, body in self._leaves(self.held):
                    if at <= position:
                        take(ledger, json.loads(body), at)
            found = self._editions[position] = Edition(Register(ledger), self.edition)
        return found

    def rows(self, item: Indicator) -> list[Row]:
        """The evidence of an indicator, as far as it belongs to the scope."""
        rows = list(item.rows(self.at(self.position)))
        if self.scope.kind != "cpas":
            return rows
        rows = [row for row in rows if row.cpas == self.scope.cpas]
        if item.open_part is None:
            return rows
        # Parts that the data make: those that the CPAS's own rows make.
        made = {row.part for row in rows if row.counted == NUMERATOR}
        return [row for row in rows if row.part in made or row.part in {part.key for part in item.parts}]

    @property
    def indicators(self) -> list[Indicator]:
        """The indicators whose figures are in the bundle."""
        self._need(self.manifest, "the manifest does not hold")
        return [item for item in INDICATORS if item.code in self.manifest["figures"]]

    def check_evidence(self) -> str:
        """Every row of evidence is what the leaves give. The figures are made of the same rows, for the next check."""
        if self.root is None:
            raise NotReached("the leaves are not the ledger's")
        ledger = self.at(self.position).register.ledger
        positions = {fact.event_id: fact.position for fact in ledger.facts.values()}
        positions.update((source.last_id, source.last_position) for source in ledger.sources.values())
        levels = ("cpas",) if self.scope.kind == "cpas" else LEVELS
        figures: list[Figure] = []

        def lines() -> Iterator[bytes]:
            for item in self.indicators:
                rows = self.rows(item)
                figures.extend(figures_of(item, rows, levels))
                yield from evidence_lines(item.code, rows, positions)

        count = self._compare("evidence", lines(), self.archive.lines("evidence.jsonl"), _evidence_name)
        self.figures = figures
        return f"{count} rows of evidence are what the leaves give"

    def check_figures(self) -> str:
        """Every figure is what the leaves give."""
        if self.figures is None:
            raise NotReached("the rows behind the figures do not hold")
        doubled = overlaps(self.figures) if self.scope.kind != "cpas" else []
        expected = report_lines(self, self.figures, doubled)
        self._compare("figures", expected, self.archive.lines("figures.json"), _figure_name)
        return f"{len(self.figures)} figures of {len(self.indicators)} indicators are what the leaves give"

    def _compare(
        self,
        what: str,
        expected: Iterable[bytes],
        given: Iterator[bytes],
        name: Callable[[bytes], str],
    ) -> int:
        """Compare line by line; how many there are. Every difference is named with both values."""
        count = 0
        ours = iter(expected)
        for line in ours:
            count += 1
            theirs = next(given, None)
            if theirs != line:
                self._tell_differences(
                    what, [line, *ours], [] if theirs is None else [theirs, *islice(given, _MOST_COMPARED)], name
                )
                return count
        if (more := next(given, None)) is not None:
            self._tell_differences(what, [], [more, *islice(given, _MOST_COMPARED)], name)
        return count

    def _tell_differences(
        self, what: str, ours: list[bytes], theirs: list[bytes], name: Callable[[bytes], str]
    ) -> None:
        left, right = ({name(line): line for line in lines} for lines in (ours, theirs))
        told = 0
        for key in dict.fromkeys((*left, *right)):
            if left.get(key) != right.get(key):
                told += 1
                self.findings.is_untrue(what, f"{key}: {_difference(left.get(key), right.get(key))}")
        if not told:
            self.findings.is_untrue(what, "the same lines in another order, or one of them twice")

    # -- definitions -----------------------------------------------------------------------------------------------

    def check_definitions(self) -> str:
        """The indicator files are those that their digests name, all of them, and no others."""
        texts: dict[str, bytes] = {}
        for name in self.archive.entries:
            if name.startswith("indicators/"):
                match, content = _DEFINITION.fullmatch(name), self.archive.content(name)
                digest = hashlib.sha256(content).hexdigest()
                if match is None or digest[:12] != match[2]:
                    raise ProofFails(f"{name} is not what its name says")
                texts[digest] = content
        self._need(self.manifest, "the manifest does not hold")
        needed = {self.manifest["definitions"]["digest"]}
        for _, event in self.reports:
            name, named = event["type"].split(".")[2], event["data"].get("definitions")
            if name == "drafted":
                needed.add(named)
            elif name in ("published", "restated"):
                needed.add(hashlib.sha256(canonical(named)).hexdigest())
        used: set[str] = set()
        newer: set[tuple[str, int]] = set()
        for listing in needed:
            for entry in _read_definition(texts, listing, used, "the list of definitions", list):
                manifest = _read_definition(texts, entry["digest"], used, f"the definition of {entry['code']}", dict)
                if (manifest["code"], manifest["version"]) != (entry["code"], entry["version"]):
                    raise ProofFails(f"the definition of {entry['code']} is of another indicator or version")
                for name, digest in manifest["texts"].items():
                    _read_definition(texts, digest, used, f"{name} of {entry['code']}", None)
                if entry["version"] == 1:
                    self.known_rules.setdefault(listing, True)
                else:
                    self.known_rules[listing] = False
                    newer.add((entry["code"], entry["version"]))
        if used != texts.keys():
            raise ProofFails("there are indicator files that no definition names")
        for code, version in sorted(newer):
            say = f"figures of {code} by version {version} of its definition: this verifier knows version 1"
            self.findings.unproved.append(("definitions", say))
        return f"{len(texts)} files of indicators are those that the definitions name"

    # -- what stays open -------------------------------------------------------------------------------------------

    def _say_what_stays_open(self) -> None:
        say = self.findings.unproved.append
        if not self.manifest:
            return
        scope = self.scope
        if (scope.kind != "ledger" or self.retired) and self.ledger is not None:
            others = self.position - len(self.hashes)
            what = "that none of the {} leaves that are not held bears on these figures, or is a step of their reports"
            say(("completeness", what.format(others)))
        if scope.kind != "ledger" and self.ledger is not None:
            say(("numbers", "that the numbers of each service run without a hole: the whole ledger shows it"))
        left_out = [item.code for item in INDICATORS if item.code not in self.manifest["figures"]]
        if left_out:
            say(("figures", f"{', '.join(left_out)}: they rest on leaves that are not held"))
        if scope.kind == "cpas":
            say(("figures", f"figures of anything but {scope.cpas}, and of {scope.cpas} by region and project"))
        if self.retired:
            ranges = ", ".join(f"{first}-{last}" for first, last in self.retired)
            what = "that they were of a retired edition, so that their bodies were destroyed: the bundle alone says so"
            say(("retired", f"what the leaves at {ranges} said, and {what}"))
        if self.wiped:
            what = "leaves without a body said, and that test CPAS sent them: the services that wiped them say so"
            who = "who is no test CPAS and holds a receipt for one of these numbers can contradict"
            say(("wiped", f"what {self.wiped} {what}; {who}: {self._wiped_numbers()}"))
        say(("definitions", "that the indicator files made the figures: they are not run; the figures were recomputed"))
        say(("later", f"what was recorded behind position {self.position}: the bundle's maker chose it"))
        say(("emission", "an event that was never sent: nothing in a ledger shows what is not there"))
        say(("senders", "that an event was sent by whom it names: each can see for itself (`miriam emit --reconcile`)"))
        say(("facts", "whether what was sent is so: that is for the check on the spot (`miriam audit sample`)"))
        say(("persons", "whether two pseudonyms are two women: no number of a person is in the ledger"))


def _check_manifest(manifest: Any) -> None:
    """Whether a manifest has its form. Raises ProofFails."""
    expected = {"definitions", "edition", "figures", "files", "format", "log", "position", "scope"}
    if not isinstance(manifest, dict) or manifest.keys() != expected or manifest["format"] != FORMAT:
        raise ProofFails(f"the manifest is none of {FORMAT}")
    texts = all(_is_text(manifest[name]) for name in ("edition", "log"))
    if not texts or not _is_number(manifest["position"]) or manifest["position"] < 1:
        raise ProofFails("the manifest names no edition, log or position")
    scope, definitions, files = manifest["scope"], manifest["definitions"], manifest["files"]
    of_cpas = isinstance(scope, dict) and scope.keys() == {"kind", "cpas"} and _is_text(scope["cpas"])
    if scope not in ({"kind": "ledger"}, {"kind": "edition"}) and not (of_cpas and scope["kind"] == "cpas"):
        raise ProofFails("the manifest has no scope that is known here")
    if not isinstance(definitions, dict) or definitions.keys() != {"digest", "name"}:
        raise ProofFails("the manifest names no definitions")
    if definitions["name"] != "current" or not _is_text(definitions["digest"]):
        raise ProofFails("the manifest's definitions are not the current ones")
    codes = [item.code for item in INDICATORS]
    given = manifest["figures"]
    but_those_of_all = [code for code in codes if code not in CODES_OF_ALL]
    may = {
        "ledger": [codes, but_those_of_all],  # the second where leaves were retired
        "edition": [but_those_of_all],
        "cpas": [[code for code in but_those_of_all if code in given]] if isinstance(given, list) else [],
    }
    if given not in may[scope["kind"]]:
        raise ProofFails("the manifest's indicators are not those of its scope")
    if not isinstance(files, dict) or not all(isinstance(each, dict) for each in files.values()):
        raise ProofFails("the manifest lists no files")
    own = {name for name in files if not name.startswith("indicators/")} - {"consistency.txt"}
    if own != set(_FILES):
        raise ProofFails("the manifest does not list the files of a bundle")


def _overlap(held: list[Range], others: list[Range]) -> bool:
    merged = sorted([*held, *others])
    return any(before[1] >= after[0] for before, after in pairwise(merged))


def _read_definition(texts: Mapping[str, bytes], digest: Any, used: set[str], what: str, form: type | None) -> Any:
    if not isinstance(digest, str) or digest not in texts:
        raise ProofFails(f"{what} is not in the bundle as its digest has it")
    used.add(digest)
    if form is None:
        return None
    value = read_canonical(texts[digest])
    entries = value if isinstance(value, list) else [value]
    keys = {"code", "version", "digest"} if form is list else {"code", "version", "texts"}
    if not isinstance(value, form) or not all(isinstance(each, dict) and each.keys() == keys for each in entries):
        raise ProofFails(f"{what} is no such thing")
    return value


# -- the lines of figures and evidence ---------------------------------------------------------------------------------


def overlaps(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """By how much the figures of a level, added up, exceed the total, for shares and counts; where they do."""
    kinds = {(item.code, part.key): part.measure for item in INDICATORS for part in item.parts}
    kinds |= {(item.code, ""): item.open_part.measure for item in INDICATORS if item.open_part and not item.parts}
    open_parts = {item.code: item.open_part.measure for item in INDICATORS if item.open_part}
    totals: dict[tuple[str, str], Figure] = {}
    sums: dict[tuple[str, str, str], list[int]] = {}
    for figure in figures:
        level = next((level for level in LEVELS[1:] if level in figure["by"]), "total")
        part = next((f"{key}={value}" for key, value in figure["by"].items() if key not in LEVELS), "")
        if level == "total":
            totals[figure["code"], part] = figure
        elif (kinds.get((figure["code"], part)) or open_parts[figure["code"]]) in (share, share_as_number, count):
            added = sums.setdefault((figure["code"], level, part), [0, 0])
            added[0] += figure[NUMERATOR] or 0
            added[1] += figure[DENOMINATOR] or 0
    found = []
    for (code, level, part), (top, bottom) in sums.items():
        whole = totals[code, part]
        top -= whole[NUMERATOR] or 0
        bottom -= whole[DENOMINATOR] or 0
        if top or bottom:
            denominator = None if whole[DENOMINATOR] is None else bottom
            found.append({"code": code, "level": level, "by": whole["by"], NUMERATOR: top, DENOMINATOR: denominator})
    return found


def report_lines(bundle: Bundle, figures: list[Figure], doubled: list[dict[str, Any]]) -> Iterator[bytes]:
    """The lines of figures.json: one JSON object, in which each figure and each overlap has a line of its own."""
    assert bundle.root is not None
    head = {
        "as_of": bundle.position,
        "checkpoint": {
            "origin": bundle.manifest["log"],
            "root": base64.b64encode(bundle.root).decode(),
            "size": bundle.position,
        },
        "definitions": "current",
        "edition": bundle.edition,
    }
    yield canonical(head)[:-1] + b',"figures":['
    for number, figure in enumerate(figures, 1):
        yield canonical(figure) + (b"," if number < len(figures) else b"")
    yield b'],"overlaps":['
    for number, overlap in enumerate(doubled, 1):
        yield canonical(overlap) + (b"," if number < len(doubled) else b"")
    yield b'],"position":%d}' % bundle.position


_quoted = json.encoder.encode_basestring  # as canonical JSON writes a text


@functools.lru_cache(maxsize=100_000)
def _nullable(text: str | None) -> str:
    return _quoted(text) if text else "null"


def evidence_lines(code: str, rows: Iterable[Row], positions: Mapping[str, int]) -> list[bytes]:
    """The lines of evidence.jsonl for an indicator, sorted: a row once, with every part in which it stands.

    In D01 the denominators of the parts `reason=` are not written: they are all other rows of the part ''.
    """
    parts: dict[tuple[Any, ...], tuple[str, ...]] = {}
    for row in rows:
        if code == "D01" and row.part and row.counted == DENOMINATOR:
            continue
        known = parts.get(row[1:], ())
        if row.part not in known:
            parts[row[1:]] = (*known, row.part)
    lines = []
    for (cpas, project, region, unit, event_id, counted, reason, amount), stands_in in parts.items():
        listed = ",".join(map(_nullable_part, sorted(stands_in) if len(stands_in) > 1 else stands_in))
        lines.append(
            f'{{"amount":{"null" if amount is None else amount},"code":"{code}","counted":"{counted}",'
            f'"cpas":{_nullable(cpas)},"event_id":"{event_id}","parts":[{listed}],"position":{positions[event_id]},'
            f'"project":{_nullable(project)},"reason":{_nullable(reason)},"region":{_nullable(region)},'
            f'"unit":{_quoted(unit)}}}'.encode()
        )
    lines.sort()
    return lines


@functools.cache
def _nullable_part(part: str) -> str:
    return _quoted(part)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.rstrip(b","))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _figure_name(line: bytes) -> str:
    found = _parsed(line)
    if "code" not in found:
        return line[:60].decode("utf-8", "replace")
    by = found.get("by")
    places = ", ".join(f"{key} {value}" for key, value in by.items()) if isinstance(by, dict) else ""
    kind = f"overlap by {found['level']} of " if "level" in found else ""
    return f"{kind}{found['code']}" + (f" ({places})" if places else " (total)")


def _evidence_name(line: bytes) -> str:
    found = _parsed(line)
    if "code" not in found:
        return line[:60].decode("utf-8", "replace")
    names = ("code", "counted", "reason", "unit", "event_id", "cpas", "project", "amount", "parts")
    return "row " + ", ".join(f"{found.get(name)}" for name in names if found.get(name) not in (None, ""))


def _difference(ours: bytes | None, theirs: bytes | None) -> str:
    """What differs between the line that the leaves give and the one of the bundle."""
    if ours is None:
        return "is in the bundle, and the leaves give no such thing"
    if theirs is None:
        return "is not in the bundle, and the leaves give it"
    left, right = _parsed(ours), _parsed(theirs)
    names = [name for name in dict.fromkeys((*left, *right)) if left.get(name) != right.get(name)]
    if not left or not right or not names:
        return "is written in another way than its canonical one"
    return "; ".join(
        f"{name} is {right.get(name)!r} in the bundle, and {left.get(name)!r} by the leaves" for name in names
    )


# ---------------------------------------------------------------------------------------------------------------------
# 12. The life of reports: drafted, signed, published, reopened, restated
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """A report of the edition, as far as its events have come."""

    draft: dict[str, Any] = field(default_factory=dict)
    signatures: dict[str, tuple[str, str]] = field(default_factory=dict)  # by CPAS, its newest: digest and key
    published: bool = False
    reopened: bool = False


class Life:
    """The events of the edition's reports, each checked against what came before it and against the leaves."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._reports: dict[str, Report] = defaultdict(Report)
        self._salts: dict[str, Any] = {}
        self._recomputed: dict[int, list[Figure]] = {}
        self._counts = {"drafts": 0, "signatures": 0, "publications": 0}

    def check(self) -> str:
        """Every event of a report of the edition."""
        bundle = self._bundle
        if bundle.root is None:
            raise NotReached("the leaves are not the ledger's")
        drafts = [event["data"] for _, event in bundle.reports if event["type"].split(".")[2] == "drafted"]
        self._salts = _read_salts(bundle.archive.content("publications.json"), drafts)
        steps = {
            "drafted": self._drafted,
            "signed": self._signed,
            "published": self._published,
            "reopened": self._reopened,
            "restated": self._restated,
        }
        for position, event in bundle.reports:
            step = steps.get(event["type"].split(".")[2])
            if step is None:
                continue
            try:
                if event["data"]["report"] != event["subject"]:
                    raise ProofFails(f"it says that it is of {event['data']['report']}")
                if step != self._signed and not event["data"]["actor"].startswith("authority."):
                    raise ProofFails(f"{event['data']['actor']} takes a step that is the authority's")
                step(position, event["data"], self._reports[event["subject"]])
            except (KeyError, TypeError, ValueError, AttributeError, NoSuchReport) as error:
                why = error if isinstance(error, ProofFails | NoSuchReport) else f"{type(error).__name__} {error}"
                bundle.findings.is_untrue("reports", f"position {position}, {event['type']}: {why}")
        if bundle.reports and not (bundle.is_whole and self._salts):
            what = "the digests of drafts and publications: the salts are not in the bundle"
            if not bundle.is_whole:
                what = "the digests and roots of drafts and publications: not every leaf is held"
            bundle.findings.unproved.append(("reports", what))
        return ", ".join(f"{number} {what}" for what, number in self._counts.items()) + " of the edition hold"

    def _drafted(self, at: int, data: dict[str, Any], report: Report) -> None:
        position = data["position"]
        if not _is_number(position) or not 0 < position < at:
            raise ProofFails(f"it is of position {position}, which comes no earlier than itself")
        signers = data["signers"]
        if [each["cpas"] for each in signers] != sorted({each["cpas"] for each in signers}):
            raise ProofFails("its signers are not in order")
        if self._bundle.is_whole and root_of(self._bundle.hashes[:position]) != from_base64(data["root"]):
            raise ProofFails(f"its root is not that of the first {position} leaves")
        self._check_signers(position, signers)
        if self._bundle.is_whole and self._salts:
            if self._bundle.known_rules.get(data["definitions"]):
                self._check_digests(data)
            else:
                why = f"the digests of the draft at position {at}: by definitions that this verifier does not know"
                self._bundle.findings.unproved.append(("reports", why))
        if report.published and not report.reopened:
            raise ProofFails("it follows a publication that was not reopened")
        report.draft = data
        self._counts["drafts"] += 1

    def _check_signers(self, position: int, signers: list[dict[str, Any]]) -> None:
        """They are the CPAS that carry a project of the edition at the position, with the keys registered by then."""
        edition = self._bundle.at(position)
        keys = {fact.data["cpas"]: fact.data.get("signing_key") for fact in edition.register.facts["cpas.registered"]}
        carriers = {cpas for fact in edition.projects.values() for cpas in edition.register.carriers(fact)}
        expected = {cpas: keys.get(cpas) for cpas in carriers}
        found = {each["cpas"]: each.get("key") for each in signers}
        for cpas in sorted(expected.keys() | found.keys()):
            if (cpas in expected) != (cpas in found) or expected[cpas] != found[cpas]:
                raise ProofFails(f"{cpas} is not to sign with that key, by the leaves up to position {position}")

    def _check_digests(self, data: dict[str, Any]) -> None:
        """The digests are those of the figures that the leaves up to the position give."""
        position = data["position"]
        figures = self._recomputed.get(position)
        edition = self._bundle.at(position)
        if figures is None:
            figures = self._recomputed[position] = list(report(edition))
        if data["digest"] != _digest(self._salts["edition"], figures):
            raise ProofFails(f"its digest is not that of the figures at position {position}")
        for signer in data.get("signers", ()):
            cpas = signer["cpas"]
            projects = {key for key, fact in edition.projects.items() if cpas in edition.register.carriers(fact)}
            own = [each for each in figures if each["by"].get("cpas") == cpas or each["by"].get("project") in projects]
            if signer["digest"] != _digest(self._salts["cpas"][cpas], own):
                raise ProofFails(f"the digest for {cpas} is not that of its figures at position {position}")

    def _signed(self, at: int, data: dict[str, Any], report: Report) -> None:
        cpas, digest, key = data["cpas"], data["digest"], data["key"]
        message = f"miriam report signature v1\n{data['edition']}\n{cpas}\n{digest}\n".encode()
        if not ed25519_verifies(_from_base64url(key), message, _from_base64url(data["signature"])):
            raise ProofFails(f"the signature of {cpas} is false")
        if data["actor"] != f"cpas.{cpas}":
            raise ProofFails(f"{data['actor']} signs for {cpas}")
        if not any((each["cpas"], each["digest"], each.get("key")) == (cpas, digest, key) for each in
                   report.draft.get("signers", ())):  # fmt: skip
            raise ProofFails(f"{cpas} signs what the newest draft does not ask of it")
        report.signatures[cpas] = (digest, key)
        self._counts["signatures"] += 1

    def _published(self, at: int, data: dict[str, Any], report: Report) -> None:
        if report.published:
            raise ProofFails("it was published before: what takes the place of that is a restatement, with its reason")
        self._made_public(at, data, report)

    def _restated(self, at: int, data: dict[str, Any], report: Report) -> None:
        if not report.published or not data.get("reason"):
            raise ProofFails("nothing was published before, or no reason is given")
        self._made_public(at, data, report)

    def _made_public(self, at: int, data: dict[str, Any], report: Report) -> None:
        draft, bundle = report.draft, self._bundle
        if not draft or (report.published and not report.reopened):
            raise ProofFails("there is no draft of it that is open")
        if any(data[name] != draft[name] for name in ("edition", "position", "root", "digest")):
            raise ProofFails("it is another thing than its newest draft")
        if hashlib.sha256(canonical(data["definitions"])).hexdigest() != draft["definitions"]:
            raise ProofFails("its definitions are not those of its newest draft")
        missing = [
            each["cpas"]
            for each in draft["signers"]
            if report.signatures.get(each["cpas"]) != (each["digest"], each.get("key"))
        ]
        if data["unsigned"] != missing:
            raise ProofFails(f"unsigned are {', '.join(missing) or 'none'}, and it says {data['unsigned']}")
        if missing and not data.get("unsigned_reason"):
            raise ProofFails("signatures are missing, and no reason is given")
        note = Note.read(data["checkpoint"].encode())
        checkpoint = read_checkpoint(note.text)
        check_signers(note, bundle.manifest["log"], bundle.keys)
        if checkpoint.origin != bundle.manifest["log"] or not data["position"] <= checkpoint.size < at:
            raise ProofFails("its checkpoint is of another log, or does not cover its position")
        if bundle.is_whole and root_of(bundle.hashes[: checkpoint.size]) != checkpoint.root:
            raise ProofFails("its checkpoint has another root than these leaves")
        report.published, report.reopened = True, False
        self._counts["publications"] += 1

    def _reopened(self, at: int, data: dict[str, Any], report: Report) -> None:
        if not report.published:
            raise ProofFails("it was not published")
        report.reopened = True


_SALT_OF_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def _read_salts(content: bytes, drafts: list[dict[str, Any]]) -> dict[str, Any]:
    """The salts of the digests: of the edition, and of each CPAS that a draft names. Raises ProofFails."""
    found = read_canonical(content)
    if found == {}:
        return {}
    named = {signer["cpas"] for draft in drafts for signer in draft["signers"]}
    if (
        not isinstance(found, dict)
        or found.keys() != {"cpas", "edition"}
        or not drafts
        or found["cpas"].keys() != named
    ):
        raise ProofFails("publications.json holds something else than the salts of the drafts")
    if not all(
        isinstance(s, str) and _SALT_OF_DIGEST.fullmatch(s) for s in (found["edition"], *found["cpas"].values())
    ):
        raise ProofFails("publications.json: a salt has 64 hexadecimal digits")
    return found


def _digest(salt: str, figures: list[Figure]) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + canonical(figures)).hexdigest()


def _from_base64url(text: str) -> bytes:
    if "+" in text or "/" in text:
        raise ProofFails("no base64url")
    return from_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))


# ---------------------------------------------------------------------------------------------------------------------
# 13. The command
# ---------------------------------------------------------------------------------------------------------------------

DONE, UNTRUE, WRONG_USE, UNREADABLE, NO_SUCH_REPORT = 0, 1, 2, 3, 4
COMMANDS = ("bundle", "proof", "figures")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code (see the head of this file)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A bundle is what this file is for: it needs no word of its own.
    if not given or (given[0] not in COMMANDS and given[0] not in ("-h", "--help")):
        given.insert(0, "bundle")
    options = _parser().parse_args(given)
    try:
        code: int = options.run(options)
    except Unreadable as error:
        print(plain(f"miriam_verify: {error}"), file=sys.stderr)
        return UNREADABLE
    return code


def _run_bundle(options: argparse.Namespace) -> int:
    keys = _keys(options.key)
    gc.disable()  # millions of objects and no cycle among them: looking for some takes a fifth of the time
    findings = Findings(options.all)
    bundle: Bundle | None = None
    try:
        try:
            bundle = Bundle(Archive(Path(options.bundle)), keys, findings)
        except ProofFails as error:
            findings.is_untrue("files", str(error))
        else:
            bundle.check()
    except FirstUntruth:
        pass
    head = bundle.manifest if bundle is not None else {}
    if options.json:
        told: dict[str, Any] = {name: head.get(name) for name in ("edition", "position", "scope")}
        told["verdict"] = "untrue" if findings.untrue else "agrees"
        for name in ("untrue", "agrees", "unproved"):
            told[name] = [{"what": what, "detail": detail} for what, detail in getattr(findings, name)]
        print(json.dumps(told, indent=2))
    else:
        _print_findings(findings, head)
    return UNTRUE if findings.untrue else DONE


def plain(text: str) -> str:
    """A line of text as one line, whatever names from a bundle stand in it: nothing that would steer a terminal."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _print_findings(findings: Findings, head: Mapping[str, Any]) -> None:
    if head:
        scope = " ".join(head["scope"].values())
        print(plain(f"Bundle of edition {head['edition']}, as of position {head['position']}, scope: {scope}"))
    for heading, lines in (
        ("AGREES", findings.agrees),
        ("DOES NOT AGREE", findings.untrue),
        ("CANNOT BE PROVED", findings.unproved),
    ):
        if lines:
            print(f"\n{heading}")
            for what, detail in lines:
                print(plain(f"  {what:<13} {detail}"))
    if findings.untrue and not findings.every:
        print("\nVerdict: UNTRUE. Nothing was looked at after the first untruth; --all goes on.")
    elif findings.untrue:
        print(f"\nVerdict: UNTRUE, {len(findings.untrue)} times.")
    else:
        print("\nVerdict: everything that can be checked agrees.")


def _run_proof(options: argparse.Namespace) -> int:
    """One inclusion proof: {leaf, position, size, proof, checkpoint, body?}."""
    keys = _keys(options.key)
    try:
        proof = json.loads(_read(options.proof))
        texts = [proof["leaf"], proof["checkpoint"], *proof["proof"], proof.get("body", "")]
        if not all(isinstance(text, str) for text in texts) or not all(
            map(_is_number, (proof["position"], proof["size"]))
        ):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise Unreadable(f"{options.proof}: no proof of inclusion") from None
    try:
        note = Note.read(proof["checkpoint"].encode())
        checkpoint = read_checkpoint(note.text)
        signers = check_signers(note, checkpoint.origin, keys)
        if checkpoint.size != proof["size"]:
            raise ProofFails(f"the proof is of {proof['size']} leaves, the checkpoint of {checkpoint.size}")
        leaf = _from_hex(proof["leaf"])
        if "body" in proof and leaf_hash(proof["body"].encode()) != leaf:
            raise ProofFails("the event is not the one whose hash is proved")
        hashes = [from_base64(each) for each in proof["proof"]]
        if any(len(each) != HASH_BYTES for each in (leaf, *hashes)):
            raise ProofFails("a hash has 32 bytes")
        check_inclusion(leaf, proof["position"] - 1, checkpoint.size, hashes, checkpoint.root)
    except (ProofFails, UnicodeEncodeError) as error:
        print(plain(f"UNTRUE: {error}"))
        return UNTRUE
    by = ", ".join([*filter(None, [signers.log]), *signers.witnesses])
    print(f"The leaf at position {proof['position']} is in the ledger of {checkpoint.size} leaves, signed by {by}.")
    if not signers.witnesses:
        print("Nobody whose key is known cosigned it: that the authority saw this ledger cannot be proved.")
    if "body" not in proof:
        print("What it says is not in the proof: its hash alone.")
    return DONE


def _from_hex(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", text, re.ASCII):
        raise ProofFails("a leaf's hash has 64 hexadecimal digits")
    return bytes.fromhex(text)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error


def _keys(path: str) -> list[Key]:
    try:
        keys = read_keys(_read(path).decode())
    except (ProofFails, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if not keys:
        raise Unreadable(f"{path}: no key")
    return keys


def _run_figures(options: argparse.Namespace) -> int:
    try:
        with Path(options.leaves).open("rb") as leaves:
            ledger = read_ledger((line for line in leaves if line.strip()), options.as_of)
        edition = Edition(Register(ledger), options.edition)
    except (OSError, UnreadableLeaf) as error:
        raise Unreadable(f"the leaves cannot be read: {error}") from error
    except NoSuchReport as error:
        print(plain(f"miriam_verify: {error}"), file=sys.stderr)
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
            print(plain(as_line(figure)))
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
    parser = argparse.ArgumentParser(
        prog="miriam_verify", description="Checks an audit bundle of Miriam, and recomputes every figure in it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("bundle", help="check a bundle (the word may be left out)")
    command.add_argument("bundle", metavar="BUNDLE.zip", help="what `miriam audit bundle` made")
    command.add_argument("--key", required=True, metavar="FILE", help="public keys of authority and log, one a line")
    command.add_argument("--all", action="store_true", help="go on after the first untruth, and list every one")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_run_bundle)
    command = commands.add_parser("proof", help="check that one event is in the ledger")
    command.add_argument("proof", metavar="FILE", help="what `miriam audit prove --json` printed")
    command.add_argument("--key", required=True, metavar="FILE", help="public keys of authority and log, one a line")
    command.set_defaults(run=_run_proof)
    command = commands.add_parser("figures", help="every figure of an edition's report, from its leaves")
    command.add_argument("--leaves", required=True, metavar="FILE", help="recorded events, one a line, in ledger order")
    command.add_argument("--edition", required=True, help="the edition, as 2023-2024")
    command.add_argument("--as-of", type=_position, metavar="N", help="take the first N leaves only")
    command.add_argument(
        "--by", action="append", default=[], choices=LEVELS[1:], help="figures of this level too; may be repeated"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=_run_figures)
    return parser


def _position(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
