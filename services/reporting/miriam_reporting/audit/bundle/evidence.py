"""The lines of evidence.jsonl: each row behind the figures once, with every part in which it stands, sorted.

A line is canonical JSON, made and sorted by PostgreSQL, so that an edition of any size needs little memory here.
In D01 the denominators of the parts `reason=` are not written: they are all other rows of the part ''.
"""

from collections.abc import Iterator
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.bundle.scope import Scope
from miriam_reporting.indicators.definitions import Indicator, Section
from miriam_reporting.reports.tallies import evidence_query, unregistered

_AT_ONCE = 5_000
# Parts whose denominators are not written.
_BY_RULE = {("D01", "reason")}

_LINES = """
select line
  from (
    select '{{"amount":' || coalesce(amount::text, 'null') || ',"code":"' || %(code)s || '","counted":"' || counted
           || '","cpas":' || coalesce(to_json(cpas)::text, 'null') || ',"event_id":"' || event_id || '","parts":['
           || string_agg(distinct to_json(part)::text collate "C", ',' order by to_json(part)::text collate "C")
           || '],"position":' || position || ',"project":' || coalesce(to_json(project)::text, 'null')
           || ',"reason":' || coalesce(to_json(reason)::text, 'null') || ',"region":'
           || coalesce(to_json(region)::text, 'null') || ',"unit":' || to_json(unit)::text || '}}' as line
      from (
{sections}
      ) as evidence
     where %(cpas)s = '' or cpas = %(cpas)s
     group by counted, reason, amount, cpas, event_id, position, project, region, unit
  ) as told
 order by line collate "C"
"""
# In shared parts, what counts in the numerator of another part counts in the denominator of this one.
_SECTION = """
select case when %(key_{n})s = '' then '' else %(key_{n})s || '=' || part.category end as part,
       e.cpas, e.project, e.region, e.unit, e.event_id::text as event_id, e.position,
       case when not %(shared_{n})s or e.category in (part.category, '') then e.counted
            else 'denominator'
       end as counted,
       e.reason, e.amount::bigint as amount
  from ({evidence}) as e
 {parts}
"""
_LISTED = """cross join unnest(%(categories_{n})s::text[]) as part (category)
 where not %(own_{n})s or e.category = part.category"""
# Where the data tell the categories: the rows that name one.
_OF_DATA = "cross join lateral (select e.category) as part (category) where e.category <> ''"


def lines(connection: Connection, indicator: Indicator, position: int, scope: Scope) -> Iterator[bytes]:
    """The lines of an indicator. Needs the standing facts laid out (`snapshot`), and its transaction."""
    asked: dict[str, Any] = {"code": indicator.code, "position": position, "cpas": scope.cpas}
    sections = [_section(indicator.code, number, each, asked) for number, each in enumerate(indicator.sections)]
    with connection.cursor(f"bundle_{indicator.code.lower()}") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(_LINES.format(sections="\nunion all\n".join(sections)), asked)
        for (line,) in cursor:
            yield line.encode()


def _section(code: str, number: int, section: Section, asked: dict[str, Any]) -> str:
    asked[f"key_{number}"] = section.key
    asked[f"shared_{number}"] = section.membership == "shared"
    asked[f"own_{number}"] = section.membership == "own"
    asked[f"categories_{number}"] = list(section.categories or ())
    asked[f"unregistered_{number}"] = unregistered(section.query)
    evidence = evidence_query(section.query).replace("%(unregistered)s", f"%(unregistered_{number})s::text")
    parts = (_OF_DATA if section.categories is None else _LISTED).format(n=number)
    if (code, section.key) in _BY_RULE:
        parts += " and e.counted <> 'denominator'"
    return _SECTION.format(n=number, evidence=evidence, parts=parts)
