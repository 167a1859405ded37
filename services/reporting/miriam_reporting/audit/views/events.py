"""View 3: the events behind the figures: each evidence row of the indicators once, or the rows of one figure."""

from collections.abc import Iterator

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.views.model import Answer, Cell, Question, View, columns
from miriam_reporting.indicators.definitions import Indicator, Section, indicators
from miriam_reporting.reports import UnknownIndicator, explain
from miriam_reporting.reports.snapshot import snapshot
from miriam_reporting.reports.tallies import evidence_query, statements, unregistered

_COLUMNS = columns(
    "code+, part+, counted+=counted, reason+=reason, unit+, cpas+, project, region=region, amount+, event_id+, position"
)
_ROWS = """
select e.category, e.counted, e.reason, e.unit, e.cpas, e.project, e.region, e.amount, e.event_id::text, e.position
  from ({evidence}) as e
 where %(cpas)s::text is null or e.cpas = %(cpas)s
 order by e.category collate "C", array_position(array['numerator', 'denominator', 'excluded'], e.counted),
          e.reason collate "C", e.position, e.unit collate "C", e.cpas collate "C", e.project collate "C", e.amount
"""


def _answer(connection: Connection, asked: Question) -> Answer:
    if asked.code is not None and asked.part is not None:
        return _of_figure(connection, asked, asked.code, asked.part)
    known = indicators()
    if asked.code is not None and asked.code not in known:
        raise UnknownIndicator(asked.code, list(known))
    wanted = [known[asked.code]] if asked.code else list(known.values())
    needs = (statement for indicator in wanted for statement in statements(indicator))
    with snapshot(connection, asked.edition, asked.as_of, needs) as position:
        rows = [row for each in wanted for row in _rows(connection, each, asked, position)]
    return Answer(position, rows)


def _of_figure(connection: Connection, asked: Question, code: str, part: str) -> Answer:
    level, value = ("cpas", asked.cpas) if asked.cpas else ("total", "")
    found = explain(connection, asked.edition, code, part, level, value, asked.as_of)
    return Answer(
        found.position,
        [
            (code, e.part, e.counted, e.reason, e.unit, e.cpas, e.project, e.region, e.amount, e.event_id, e.position)
            for e in found.evidence
        ],
        {"figures": [found.figure.as_json()]},
    )


def _rows(connection: Connection, indicator: Indicator, asked: Question, position: int) -> Iterator[tuple[Cell, ...]]:
    for query in dict.fromkeys(section.query for section in indicator.sections):
        sections = [section for section in indicator.sections if section.query == query]
        with connection.cursor() as cursor:
            given = {"position": position, "unregistered": unregistered(query), "cpas": asked.cpas}
            cursor.execute(_ROWS.replace("{evidence}", evidence_query(query)), given)
            for category, *told in cursor:
                yield (indicator.code, _part(sections, category), *told)


def _part(sections: list[Section], category: str) -> str:
    """Where a row of these sections' query counts: its own part (and the whole, where there is one), else the whole.

    A row without category of parts that have no whole counts in each of them: `outcome=*`.
    """
    whole = next((section for section in sections if section.membership == "part"), None)
    parts = next((section for section in sections if section.membership != "part"), None)
    if parts is not None and category:
        return parts.part(category)
    if whole is None:
        return f"{parts.key}=*" if parts else ""
    return whole.part(whole.categories[0] if whole.categories else "")


VIEW = View(3, "events", _COLUMNS, _answer)
