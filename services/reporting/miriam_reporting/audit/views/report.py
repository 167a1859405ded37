"""View 8: the report as it was known, with the checksums by which anybody can say that it is the same."""

import base64
import hashlib
from collections.abc import Iterator

from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_reporting.audit.views.model import Answer, Cell, Question, View, columns
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports import LEVELS, Report, compute
from miriam_reporting.reports.as_of import answered
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.leaves import of_tests

_COLUMNS = columns("what+=report_line, detail+, value+, position")
_STEPS = """
select split_part(l.type, '.', 3), l.data->>'subject',
       coalesce(l.data->'data'->>'digest', l.data->'data'->>'reason', ''), l.position
  from ledger.leaf as l
 where l.type like 'miriam.report.%%' and l.position <= %(position)s
   and exists (
         select
           from ledger.leaf as d
          where d.type = 'miriam.report.drafted.v1' and d.data->>'subject' = l.data->>'subject'
            and d.data->'data'->>'edition' = %(edition)s and d.position <= %(position)s
       )
 order by l.position
"""


def checksum(report: Report) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of a report, hexadecimal.

    The report at every level, as `report --json` has it when it is asked for by position: a day that meant that
    position asks for the same report.
    """
    return hashlib.sha256(canonical(report.as_json())).hexdigest()


def _answer(connection: Connection, asked: Question) -> Answer:
    report = answered(connection, compute(connection, asked.edition, asked.as_of, LEVELS))
    with connection, connection.cursor() as cursor:
        head = base64.b64encode(root_at(connection, report.position)).decode()
        cursor.execute("select source, highest, leaves from ledger.sources_at(%s) order by source", (report.position,))
        sources = cursor.fetchall()
        cursor.execute(_STEPS, {"position": report.position, "edition": asked.edition})
        steps = cursor.fetchall()
        tests = of_tests(connection, report.position)
    rows: list[tuple[Cell, ...]] = [
        ("report_sha256", "RFC 8785", checksum(report), report.position),
        ("tree_head", "RFC 6962", head, report.position),
        ("figures", "", len(report.figures), report.position),
    ]
    rows += [("leaves", f"{source} 1..{highest}", count, report.position) for source, highest, count in sources]
    rows.append(("leaves_of_tests", "", tests, report.position))
    rows += list(_definitions(report.position))
    rows += [(f"report.{step}", name, digest, position) for step, name, digest, position in steps]
    return Answer(report.position, rows, {"report": report.as_json()})


def _definitions(position: int) -> Iterator[tuple[Cell, ...]]:
    made = current()
    yield ("definitions_sha256", "", made.digest, position)
    for each in made.listing:
        yield ("definition_sha256", f"{each['code']} v{each['version']}", each["digest"], position)


VIEW = View(8, "report", _COLUMNS, _answer)
