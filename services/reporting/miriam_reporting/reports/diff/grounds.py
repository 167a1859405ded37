"""What a re-matched unit rests on: which events between the two positions changed that.

A query's evidence can change through events of those facts alone that its standing facts are laid out from. Of these
are named the ones nearest to the unit: first those of the facts that the change itself speaks of (its reason, another
place, another woman), then others; each by what they share with it: participation, group, project, edition.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from miriam_reporting.facts.definitions import definition
from miriam_reporting.indicators.definitions import Query
from miriam_reporting.indicators.standing import Standing, needed
from miriam_reporting.reports.diff.events import Leaf
from miriam_reporting.reports.diff.kinship import Kinship
from miriam_reporting.reports.diff.states import Row
from miriam_reporting.reports.tallies import evidence_query

_FACTS = re.compile(r"\bfacts\.(\w+)")
# Which facts a reason of COUNTING.md speaks of; in the order in which the first that holds is given.
_REASONS: Mapping[str, tuple[str, ...]] = {
    "project_unknown": ("project.approved",),
    "group_retracted": ("group.formed",),
    "outside_consortium": ("consortium.formed", "group.formed"),
    "not_a_member": ("group.joined", "group.left"),
    "not_enrolled": ("participation.enrolled",),
    "enrolment_retracted": ("participation.enrolled",),
    "project_differs": ("participation.enrolled", "group.formed"),
    "project_not_carried": ("project.approved", "consortium.formed", "participation.enrolled", "group.formed"),
    "enrolled_outside_edition": ("participation.enrolled", "edition.opened"),
    "basis_not_allowed": ("participation.enrolled", "edition.opened"),
    "outside_edition": ("edition.opened",),
    "before_enrolment": ("participation.enrolled",),
    "after_end": ("participation.ended",),
    "goal_not_set": ("goal.set",),
    "referral_not_made": ("referral.made",),
    "no_end_assessment": ("assessment.completed",),
    "no_end": ("assessment.completed",),
    "no_start": ("assessment.completed",),
    "no_session": ("session.held", "groupsession.held"),
}
_MISSING = ("goal_not_set", "referral_not_made", "no_end_assessment", "no_end", "no_start", "no_session")
# What makes a project one of the edition, and who carries it: facts come and go with it, however they are counted.
_BELONGING = frozenset({"project.approved", "consortium.formed"})
_PLACES = ("participation.enrolled", "project.approved", "consortium.formed")
_REGIONS = ("cpas.registered",)
_MEETINGS = ("session.held", "groupsession.held")
STRUCTURE = frozenset((
    "participation.enrolled", "participation.ended", "person.linked", "person.unlinked", "project.approved",
    "consortium.formed", "cpas.registered", "edition.opened", "group.formed", "group.joined", "group.left",
))  # fmt: skip
# From what is nearest to a unit to what it shares with all others: the first letters of keys (events.sql;
# `f` a family), looked for among the unit's own or among all that it is near to.
_NEAR = ((False, "w"), (False, "g"), (True, "f"), (True, "pkc"), (True, "e"))


def kinds(query: Query, standing: Sequence[Standing] | None = None) -> frozenset[str]:
    """The facts, `<family>.<fact>`, that a query's evidence is laid out from."""
    text = evidence_query(query)
    laid_out = [text, *(each.statement for each in needed([text], standing))]
    tables = _tables()
    return frozenset(
        kind for each in laid_out for name in _FACTS.findall(each) if name in tables for kind in tables[name]
    )


@cache
def _tables() -> Mapping[str, tuple[str, ...]]:
    return {table.name: table.facts for table in definition().tables}


def likely_kinds(
    before: Sequence[Row], after: Sequence[Row], query: Query, own: frozenset[str]
) -> tuple[frozenset[str], ...]:
    """Sets of kinds that a change speaks of, the likeliest first, by how a unit's rows of the same events differ.

    `own` are the kinds of these events.
    """
    reason = _decisive(_reasons(before), _reasons(after))
    meets = _MEETINGS if "contact_at" in query.text else ()
    if not (before and after):
        shows_invalid = query.place == "either"
        # What is shown also where it is invalid did not come or go for such a reason, but because something is missing,
        # or because another that names the same came first.
        told = _REASONS.get(reason, ()) if not shows_invalid or reason in _MISSING else ()
        return tuple(frozenset(each) for each in (told, meets, own if shows_invalid else ()) if each)
    if reason:
        return (frozenset(_REASONS[reason]),)
    if _places(before) != _places(after):
        return (frozenset(_PLACES),)
    if {row.region for row in before} != {row.region for row in after}:
        return (frozenset(_REGIONS),)
    if "edition_at" in query.text:
        # Its days, or after how many of them a fact is late.
        return (frozenset({"edition.opened"}),)
    if meets and {row.amount for row in before} != {row.amount for row in after}:
        # Days to a session that is the same: from another day of enrolment.
        return (frozenset({"participation.enrolled"}),)
    return (frozenset(meets) if meets else own,)


def _decisive(before: set[str], after: set[str]) -> str:
    """The reason that holds on one side alone and is given before others: what it speaks of is what changed."""
    return next((reason for reason in _REASONS if reason in before ^ after), "")


def _reasons(rows: Iterable[Row]) -> set[str]:
    # A start without an end is told by its reason, but so is which side of a pair a score is of; D01 has reasons as
    # categories.
    return {row.category for row in rows} | {row.reason or "" for row in rows if row.counted == "excluded"}


def _places(rows: Iterable[Row]) -> set[tuple[str | None, str | None]]:
    return {(row.cpas, row.project) for row in rows}


class Ground:
    """The events that may have changed something, by what they are about."""

    def __init__(self, leaves: Iterable[Leaf], kinship: Kinship) -> None:
        self._kinship = kinship
        self._by_key: defaultdict[str, dict[int, Leaf]] = defaultdict(dict)
        for leaf in leaves:
            for key in leaf.keys:
                self._by_key[key][leaf.position] = leaf
                if key[0] == "w":
                    self._by_key[kinship.family(key)][leaf.position] = leaf

    def nearest(
        self, own: frozenset[str], likely: Sequence[frozenset[str]], every: frozenset[str], came_or_went: bool
    ) -> list[Leaf]:
        """The events that a unit with these keys rests on, in the order of the ledger.

        Those that share the nearest key with it; of the first of the `likely` sets of kinds of which there are any,
        else of those that give facts their place, else of `every` kind that can matter. If its rows `came_or_went`
        whole, what its own project became of comes first.
        """
        if came_or_went and (found := self._belonging(own, every)):
            return found
        wide = self._kinship.widened(own)
        tiers = [{key for key in (wide if far else own) if key[0] in letters} for far, letters in _NEAR]
        for wanted in likely:
            for keys in tiers:
                if found := self._sharing(keys, wanted & every, own):
                    return found
        for keys in tiers:
            for wanted in (STRUCTURE & every, every):
                if found := self._sharing(keys, wanted, own):
                    return found
        return []

    def _belonging(self, own: frozenset[str], every: frozenset[str]) -> list[Leaf]:
        projects = {key for key in own if key[0] == "p"}
        carriers = {near for key in projects for near in self._kinship.near(key) if near[0] == "k"}
        return self._sharing(projects | carriers, _BELONGING & every, own)

    def _sharing(self, keys: set[str], wanted: frozenset[str], own: frozenset[str]) -> list[Leaf]:
        found = {
            position: leaf
            for key in keys
            for position, leaf in self._by_key.get(key, {}).items()
            # Another woman's facts in the same project change nothing for this one.
            if leaf.kind in wanted and (key[0] in "wf" or stands_alone(own) or not _of_another(leaf, own))
        }
        return [found[position] for position in sorted(found)]


def stands_alone(own: Iterable[str]) -> bool:
    """Whether a unit is of no woman and no group: a project, a CPAS, a count of refusals."""
    return not any(key[0] in "wg" for key in own)


def _of_another(leaf: Leaf, own: frozenset[str]) -> bool:
    women = {key for key in leaf.keys if key.startswith("w:")}
    return bool(women) and women.isdisjoint(own)
