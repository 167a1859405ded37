"""View 9: a sample for an on-the-spot check, drawn again from its seed."""

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.sample import sample
from miriam_reporting.audit.views.model import Answer, Question, View, columns

_COLUMNS = columns(
    "kind+=sample_kind, stratum+, rank+, unit+, number, cpas, project, participation+, group, session+, occurred_on+,"
    " event_id, position"
)


def _answer(connection: Connection, asked: Question) -> Answer:
    drawn = sample(connection, asked.edition, asked.size, asked.seed, asked.as_of, asked.cpas)
    units = [unit.as_json() for unit in drawn.units]
    more = {name: value for name, value in drawn.as_json().items() if name in ("scheme", "size", "seed", "populations")}
    return Answer(drawn.position, [tuple(unit[each.name] for each in _COLUMNS) for unit in units], more)


VIEW = View(9, "sample", _COLUMNS, _answer)
