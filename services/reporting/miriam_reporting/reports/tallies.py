"""From evidence rows to tallies: how many units, what sums, by level, level value and category. SQL counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Section
from miriam_reporting.reports.model import LEVELS

Place = tuple[str, str]  # level, level value


@dataclass(slots=True)
class Tally:
    """What a section's rows of one category come to at one place.

    `units` are distinct units that count, in numerator or denominator; `middles` the two middle amounts of its units.
    `starts`, `ends` and `squares` (of end - start) are sums over pairs.
    """

    numerators: int = 0
    denominators: int = 0
    units: int = 0
    amount: int = 0
    middles: tuple[int, int] | None = None
    starts: int = 0
    ends: int = 0
    squares: int = 0
    excluded: dict[str, int] = field(default_factory=dict)


Tallies = Mapping[Place, Mapping[str, Tally]]


def evidence_query(section: Section) -> str:
    """The section's query with every column that evidence has, those that it does not yield being empty."""
    category = "coalesce(s.category, '')" if section.has_category else "''"
    amount = "s.amount::bigint" if section.has_amount else "null::bigint"
    return (
        f"select {category} as category, s.cpas, s.project, s.region, s.unit, s.event_id, s.position,"
        f" s.counted, s.reason, {amount} as amount\n  from (\n{section.query}\n) as s"
    )


def tally(
    connection: Connection, section: Section, position: int, levels: Sequence[str], value: str | None = None
) -> Tallies:
    """Tallies of a section at every value of the levels, or at `value` alone. Needs the standing facts (`snapshot`).

    Raises ValueError for a level that there is none of.
    """
    if unknown := set(levels).difference(LEVELS):
        raise ValueError(f"levels are {', '.join(LEVELS)}, not {', '.join(sorted(unknown))}")
    statement = _aggregate("rows" if section.rows_are_units else "units").replace("{evidence}", evidence_query(section))
    found: defaultdict[Place, dict[str, Tally]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"position": position, "levels": list(levels), "value": value})
        for level, place, category, reason, *counted in cursor:
            one = found[level, place].setdefault(category, Tally())
            numerators, denominators, units, amount, lower, upper, starts, ends, squares = counted
            if reason is not None:
                one.excluded[reason] = units
                continue
            one.numerators += numerators
            one.denominators += denominators
            one.units += units
            one.amount += amount
            if lower is not None:
                one.middles = (int(lower), int(upper))
            one.starts, one.ends, one.squares = starts or 0, ends or 0, squares or 0
    return found


@cache
def _aggregate(name: str) -> str:
    return resources.files("miriam_reporting.reports").joinpath("aggregates", f"{name}.sql").read_text("utf-8")
