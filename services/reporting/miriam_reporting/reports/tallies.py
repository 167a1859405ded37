"""From evidence rows to tallies: how many units, what sums, by level, level value and category. SQL counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator, Query
from miriam_reporting.reports.model import LEVELS

Place = tuple[str, str]  # level, level value
_UNKNOWN_REGION = "unknown"
_WHERE = ("category", "spot", "cpas", "project")
_PLACES = {
    "either": "s.spot, s.cpas, s.project",
    "spot": "s.spot, null::text as cpas, null::text as project",
    "names": "null::integer as spot, s.cpas, s.project",
    "places": "s.places",
}


@dataclass(slots=True)
class Tally:
    """What a query's rows of one category come to at one place.

    `units` are those that count, in numerator or denominator; `middles` the two middle amounts of its units. Of pairs,
    `amount` and `starts` are sums of both sides, `squares` the sum of squared changes.
    """

    numerators: int = 0
    denominators: int = 0
    units: int = 0
    amount: int = 0
    middles: tuple[int, int] | None = None
    starts: int = 0
    squares: int = 0
    excluded: dict[str, int] = field(default_factory=dict)


Tallies = Mapping[Place, Mapping[str, Tally]]


def together(tallies: Iterable[Tally]) -> Tally:
    """The tally of several categories whose units differ."""
    found = Tally()
    for tally in tallies:
        found.numerators += tally.numerators
        found.denominators += tally.denominators
        found.units += tally.units
        found.amount += tally.amount
        for reason, count in tally.excluded.items():
            found.excluded[reason] = found.excluded.get(reason, 0) + count
    return found


def tally(
    connection: Connection, query: Query, position: int, levels: Sequence[str], value: str | None = None
) -> Tallies:
    """Tallies of a query at every value of the levels, or at `value` alone. Needs the standing facts (`snapshot`).

    Raises ValueError for a level that there is none of.
    """
    if unknown := set(levels).difference(LEVELS):
        raise ValueError(f"levels are {', '.join(LEVELS)}, not {', '.join(sorted(unknown))}")
    statement = _statement(query)
    found: defaultdict[Place, dict[str, Tally]] = defaultdict(dict)
    with connection.cursor() as cursor:
        asked = {"position": position, "levels": list(levels), "value": value, "unregistered": unregistered(query)}
        cursor.execute(statement, asked)
        for level, place, category, reason, *counted in cursor.fetchall():
            one = found[level, place].setdefault(category, Tally())
            numerators, denominators, units, amount, lower, upper, starts, squares = counted
            if reason is not None:
                one.excluded[reason] = units
                continue
            one.numerators += numerators
            one.denominators += denominators
            one.units += units
            one.amount += amount
            if lower is not None:
                one.middles = (int(lower), int(upper))
            one.starts, one.squares = starts or 0, squares or 0
    return found


def statements(indicator: Indicator) -> Iterator[str]:
    """The statements that tally and explain an indicator: what they read must be laid out before."""
    for section in indicator.sections:
        yield _statement(section.query)
        yield evidence_query(section.query)


def unregistered(query: Query) -> str | None:
    """The region of a CPAS that is not registered."""
    return _UNKNOWN_REGION if query.unregistered_has_region else None


def evidence_query(query: Query) -> str:
    """The query with every column that an evidence row has, and a row for each place where a woman's row stands.

    Takes the parameters `position` and `unregistered`.
    """
    places = "\n  join place_at as p using (places)" if query.each == "woman" else ""
    spot, cpas, project = ("p.spot", "c.cpas", "c.project") if places else ("s.spot", "s.cpas", "s.project")
    if not places:
        cpas, project = f"coalesce(c.cpas, {cpas})", f"coalesce(c.project, {project})"
    return (
        "select s.category, s.unit, s.event_id, s.position, s.counted, s.reason, s.amount,\n"
        f"       {cpas} as cpas, {project} as project,\n"
        f"       case when {cpas} is not null then coalesce(r.region, %(unregistered)s) end as region\n"
        f"  from (\n{_complete(query)}\n) as s{places}\n"
        f"  left join carrier_at as c on c.spot = {spot}\n"
        f"  left join cpas_at as r on r.cpas = {cpas}"
    )


def _complete(query: Query) -> str:
    columns = [
        "coalesce(s.category, '') as category" if query.has_category else "'' as category",
        "s.unit_no as unit_key" if query.numbers_units else "s.unit as unit_key",
        "s.unit, s.event_id, s.position, s.counted, s.reason",
        _PLACES[query.place],
        "s.amount::bigint as amount" if query.has_amount else "null::bigint as amount",
        "s.again" if query.marks_repeats else "false as again",
        "s.paired_with::bigint as paired_with" if query.kind == "paired" else "null::bigint as paired_with",
    ]
    return f"select {', '.join(columns)}\n  from (\n{query.text}\n) as s"


@cache
def _statement(query: Query) -> str:
    place, group = _grouped(query)
    return query.frame.replace("{place}", place).replace("{group}", group).replace("{evidence}", _complete(query))


def _grouped(query: Query) -> tuple[str, str]:
    """Where a row counts: as columns, and what to group them by: fewer, where some are the same in every row."""
    same = dict.fromkeys(() if query.has_category else ("category",), "''")
    if query.place == "names":
        same["spot"] = "null::integer"
    elif query.place != "either":
        same |= dict.fromkeys(("cpas", "project"), "null::text")
    columns = [f"{same[name]} as {name}" if name in same else f"e.{name}" for name in _WHERE]
    return ", ".join(columns), ", ".join(f"e.{name}" for name in _WHERE if name not in same)
