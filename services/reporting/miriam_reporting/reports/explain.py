"""The evidence behind one figure: every row that it was computed from, down to the event and its position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator, Section
from miriam_reporting.reports.compute import section_tallies
from miriam_reporting.reports.definitions import Definitions, current
from miriam_reporting.reports.errors import NoSuchPart, UnknownIndicator
from miriam_reporting.reports.figures import categories, figure
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.reports.model import Evidence, Explanation
from miriam_reporting.reports.snapshot import snapshot
from miriam_reporting.reports.tallies import Tallies, evidence_query, statements, unregistered

_THESE = """
    select e.cpas, e.project, e.region, e.unit, e.event_id::text, e.position,
           -- In shared parts, what counts in the numerator of another part counts in the denominator of this one.
           case when %(membership)s <> 'shared' or e.category in (%(category)s, '') then e.counted
                else 'denominator'
           end as counted,
           e.reason, e.amount
      from ({evidence}) as e
     where (%(membership)s <> 'own' or e.category = %(category)s)
       and case %(level)s when 'region' then e.region = %(value)s
                          when 'cpas' then e.cpas = %(value)s
                          when 'project' then e.project = %(value)s
                          else true
           end
       and (%(only)s::text is null or e.cpas = %(only)s)
"""
_ORDER = """
 order by array_position(array['numerator', 'denominator', 'excluded'], r.counted), r.reason collate "C", r.position,
          -- To the last column: rows that tie would come in the order of a plan, and of another one the next time.
          r.unit collate "C", r.cpas collate "C", r.project collate "C", r.region collate "C", r.event_id, r.amount
"""
_ROWS = f"select r.* from ({_THESE}) as r {_ORDER}"
# The evidence is computed once, to be counted and to take some of it; without any row there is still its number.
_PAGE = f"""
with these as materialized ({_THESE})
select counted.all_of_them, page.*
  from (select count(*) as all_of_them from these) as counted
  left join lateral (select r.* from these as r {_ORDER} limit %(rows)s offset %(first)s) as page on true
"""


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """Some rows behind a figure in their order, of `count` in all, as of a position."""

    position: int
    count: int
    rows: Sequence[Evidence]


def explain(
    connection: Connection,
    edition: str,
    code: str,
    part: str | None = None,
    level: str = "total",
    value: str = "",
    as_of: int | None = None,
    definitions: Definitions | None = None,
) -> Explanation:
    """The figure of `code` at a level's value, and its evidence, from leaves 1..`as_of` (default: all projected).

    `part` is '' or `key=value` (default: the first that the indicator has); `definitions` are those of another day than
    this code's. Raises UnknownEdition, PositionBeyondHead, UnknownIndicator, NoSuchPart, and ValueError for an unknown
    level. Where nothing stands at the value, the figure is that of no rows.
    """
    by = current() if definitions is None else definitions
    indicator = by.indicators.get(code)
    if indicator is None:
        raise UnknownIndicator(code, list(by.indicators))
    with snapshot(connection, edition, as_of, statements(indicator), by.standing) as position:
        levels = tuple(dict.fromkeys(("total", level)))
        tallies = section_tallies(connection, indicator, position, levels, value)
        names = [
            each.part(category)
            for each, found in zip(indicator.sections, tallies, strict=True)
            for category in categories(each, found)
        ]
        section, category, found = _choose(indicator, tallies, part, names)
        rows = _rows(connection, section, _asked(section, category, level, value, position))
    figured = figure(code, section, category, found.get((level, value), {}), level, value)
    return Explanation(edition, position, figured, names, rows, definitions=by.name)


def explain_page(
    layouts: Layouts,
    edition: str,
    code: str,
    part: str,
    level: str,
    value: str,
    as_of: int | None,
    first: int,
    rows: int,
    only: str | None = None,
) -> EvidencePage:
    """Up to `rows` rows of the evidence that `explain` gives, from row `first` (from 0), and how many there are.

    `only`: those of this CPAS alone, of a figure that others count in too.

    Nothing is tallied, no row beyond them is carried, and the facts that the query reads stay laid out for the next
    page. Raises as `explain` does.
    """
    indicator = current().indicators.get(code)
    if indicator is None:
        raise UnknownIndicator(code, list(current().indicators))
    try:
        section = indicator.section_of(part)
    except KeyError:
        raise NoSuchPart(
            code, part, [each.part(name) for each in indicator.sections for name in each.categories or ()]
        ) from None
    category = part.partition("=")[2]
    needs = (evidence_query(section.query),)
    with layouts.of(edition, as_of, needs) as (connection, position), connection.cursor() as cursor:
        asked = _asked(section, category, level, value, position, only)
        statement = _PAGE.replace("{evidence}", evidence_query(section.query))
        cursor.execute(statement, {**asked, "first": first, "rows": rows})
        found = cursor.fetchall()
    return EvidencePage(position, int(found[0][0]), [Evidence(part, *row) for _, *row in found if row[4] is not None])


def _choose(
    indicator: Indicator, tallies: Sequence[Tallies], part: str | None, names: Sequence[str]
) -> tuple[Section, str, Tallies]:
    for section, found in zip(indicator.sections, tallies, strict=True):
        for category in categories(section, found):
            if part is None or section.part(category) == part:
                return section, category, found
    raise NoSuchPart(indicator.code, part or "", names)


def _asked(
    section: Section, category: str, level: str, value: str, position: int, only: str | None = None
) -> Mapping[str, object]:
    return {
        "position": position,
        "unregistered": unregistered(section.query),
        "category": category,
        "membership": section.membership,
        "level": level,
        "value": value,
        "only": only,
    }


def _rows(connection: Connection, section: Section, asked: Mapping[str, object]) -> list[Evidence]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.replace("{evidence}", evidence_query(section.query)), asked)
        return [Evidence(section.part(str(asked["category"])), *row) for row in cursor]
