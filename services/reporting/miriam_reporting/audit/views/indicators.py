"""View 2: the table of indicators: numerator, denominator, value, and what was left out and why."""

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.views.model import Answer, Cell, Question, View, columns
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports import LEVELS, Figure, UnknownIndicator, compute
from miriam_reporting.reports.definitions import current

_COLUMNS = columns(
    "code+, indicator, level+=level, place+, part+, numerator+, denominator+, value+=number, unit+=unit, excluded+,"
    " excluded_why+, detail, definition"
)


def _answer(connection: Connection, asked: Question) -> Answer:
    known = indicators()
    if asked.code is not None and asked.code not in known:
        raise UnknownIndicator(asked.code, list(known))
    levels = ("cpas",) if asked.cpas else LEVELS
    report = compute(connection, asked.edition, asked.as_of, levels, [asked.code] if asked.code else None)
    figures = [each for each in report.figures if not asked.cpas or each.by.get("cpas") == asked.cpas]
    return Answer(report.position, [_row(each) for each in figures])


def _row(figure: Figure) -> tuple[Cell, ...]:
    indicator = indicators()[figure.code]
    place = figure.by.get(figure.level, "")
    why = "; ".join(f"{reason}={count}" for reason, count in figure.excluded or ())
    detail = "; ".join(f"{name}={value}" for name, value in (figure.detail or {}).items() if value is not None)
    counted = (figure.numerator, figure.denominator, figure.value, figure.unit)
    left_out = sum(count for _, count in figure.excluded or ())
    told = (figure.code, indicator.name, figure.level, place, figure.part, *counted)
    return (*told, left_out, why, detail, current().digest_of(figure.code))


VIEW = View(2, "indicators", _COLUMNS, _answer)
