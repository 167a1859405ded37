"""The tallies of a report, made by two database sessions at once in one snapshot: one for each core of a small machine.

Each session lays out the kinds of facts that its indicators read. Indicators over every kind of fact are tallied by
both, each over the kinds that it has laid out, and added up: their rows have a unit of their own each, so nothing is
counted twice. That one session and two give the same is a test.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator
from miriam_reporting.indicators.standing import Standing, needed
from miriam_reporting.reports.beside import at_once, beside
from miriam_reporting.reports.compute import section_tallies
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.snapshot import lay_out, opened
from miriam_reporting.reports.tallies import Tallies, Tally, statements, together

# Over every kind of fact: both sessions tally them.
SPREAD = frozenset({"D01", "D03"})
# What the second session has to itself: about half of the work, as measured on a million events.
SECOND = frozenset({"I04", "I05", "I06", "I07", "I10", "I11", "I12", "I15", "D05"})
_KINDS = frozenset({"goal_at", "assessment_at", "referral_at"})
_ARMS = re.compile(r"(?<=\n)-- \[arms\].*\n([\s\S]*?)(?=-- \[end\])")
_UNION = re.compile(r"^ *union all *\n", re.MULTILINE)
_READS = re.compile(r"\bfrom (\w+_at)\b")

# What only evidence rows show of the largest tables: counting needs none of it, and it is half of what they hold.
SHOWN = (
    ("session_at", "f.first_id, f.event_id, f.from_position as position",
     "null::uuid as first_id, null::uuid as event_id, null::bigint as position"),
    ("attendance_at", "s.first_id, s.event_id, s.position",
     "null::uuid as first_id, null::uuid as event_id, null::bigint as position"),
    ("attendance_at", "f.presence, f.participation, e.seat", "f.presence, null::text as participation, e.seat"),
)  # fmt: skip

Finished = TypeVar("Finished")


@dataclass(frozen=True, slots=True)
class _Half:
    """What one session does: its indicators, and the standing facts as it lays them out."""

    indicators: Sequence[Indicator]
    facts: Sequence[Standing]


def tallied(
    connection: Connection,
    edition: str,
    as_of: int | None,
    by: Definitions,
    asked: Sequence[Indicator],
    levels: Sequence[str],
    finish: Callable[[Indicator, Sequence[Tallies]], Finished],
) -> tuple[int, Mapping[str, Finished]]:
    """The position, and by code what `finish` makes of an indicator's tallies, which are given section by section.

    An indicator is finished as soon as it is tallied, while the other session goes on. Needs a connection outside a
    transaction, and leaves it so; opens another to the same database. Raises UnknownEdition, PositionBeyondHead.
    """
    found: dict[str, Finished] = {}
    spread: list[dict[str, Sequence[Tallies]]] = [{}, {}]
    halves = [each for each in _halves(by, asked) if each.indicators]
    with opened(connection, as_of) as position:

        def work(session: Connection, number: int) -> None:
            half = halves[number]
            texts = (text for each in half.indicators for text in statements(each))
            lay_out(session, edition, position, needed(texts, half.facts))
            for each in half.indicators:
                tallies = section_tallies(session, each, position, levels)
                if len(halves) > 1 and each.code in SPREAD:
                    spread[number][each.code] = tallies
                else:
                    found[each.code] = finish(each, tallies)

        if len(halves) == 1:
            work(connection, 0)
        else:
            with beside(connection) as other:
                at_once(lambda: work(connection, 0), lambda: work(other, 1))
    for each in asked:
        if each.code not in found:
            found[each.code] = finish(each, _together(*(half[each.code] for half in spread)))
    return position, found


def _together(first: Sequence[Tallies], second: Sequence[Tallies]) -> Sequence[Tallies]:
    # Sections of one query share their tallies, which are added up once.
    added: dict[int, Tallies] = {}
    for one, other in zip(first, second, strict=True):
        if id(one) not in added:
            added[id(one)] = _sum(one, other)
    return [added[id(one)] for one in first]


def _sum(one: Tallies, other: Tallies) -> Tallies:
    found: dict[tuple[str, str], dict[str, Tally]] = {place: dict(here) for place, here in one.items()}
    for place, here in other.items():
        mine = found.setdefault(place, {})
        for category, tally in here.items():
            mine[category] = together((mine[category], tally)) if category in mine else tally
    return found


def _halves(by: Definitions, asked: Sequence[Indicator]) -> list[_Half]:
    # What another day's definitions read, and how they are best divided, nobody knows.
    if by.digest != current().digest:
        return [_Half(asked, by.standing)]
    first = [each for each in asked if each.code not in SECOND]
    second = [each for each in asked if each.code in SECOND or each.code in SPREAD]
    if not any(each.code in SECOND for each in asked) or not any(each.code not in SECOND for each in asked):
        return [_Half(asked, by.standing)]
    return [
        _Half(first, _laid_out(by.standing, lambda kind: kind not in _KINDS)),
        _Half(second, _laid_out(by.standing, lambda kind: kind in _KINDS)),
    ]


def _laid_out(facts: Sequence[Standing], wanted: Callable[[str], bool]) -> list[Standing]:
    """The standing facts, without what is only shown; those over every kind of fact over the kinds wanted alone."""
    return [_narrowed(each, wanted) if _ARMS.search(each.statement) else _lean(each) for each in facts]


def _lean(each: Standing) -> Standing:
    text = each.statement
    for name, shown, nothing in SHOWN:
        if each.name == name:
            text = text.replace(shown, nothing)
    return replace(each, statement=text)


def _narrowed(each: Standing, wanted: Callable[[str], bool]) -> Standing:
    def some(match: re.Match[str]) -> str:
        arms = _UNION.split(match[1])
        return " union all\n".join(arm for arm in arms if wanted(_READS.findall(arm)[-1]))

    text = _ARMS.sub(some, each.statement)
    return replace(each, statement=text, needs=each.needs.intersection(_READS.findall(text)))
