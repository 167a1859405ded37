"""Figures as cells: their names, values and denominators in a reader's language."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from miriam_reporting.indicators.definitions import Indicator, indicators
from miriam_reporting.reports.model import Figure, Report
from miriam_reporting.reports.words import label, unit_of, word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.view import WITHHELD, Cell, Column, Table, View

_HUNDREDTH = Decimal("0.01")


def name_of(figure: Figure, language: str, known: Mapping[str, Indicator] | None = None) -> str:
    """What a figure is called: the indicator's name, and its part."""
    indicator = (known or indicators())[figure.code]
    if not figure.part:
        return indicator.names[language]
    return f"{indicator.names[language]} – {label(indicator, figure.part, language)}"


def value_of(figure: Figure) -> Cell:
    """The value, as a number that has as many decimals as the report gives it."""
    if figure.withheld:
        return WITHHELD
    return figure.value if figure.value is None or isinstance(figure.value, int) else Decimal(figure.value)


def numerator_of(figure: Figure) -> Cell:
    """The numerator in the unit of the value: euros and hours, where the report counts cents and minutes."""
    if figure.withheld:
        return WITHHELD
    if figure.numerator is None:
        return None
    try:
        divide = indicators()[figure.code].section_of(figure.part).divide
    except KeyError:
        divide = 1  # a part of another day's definitions
    return figure.numerator if divide == 1 else (Decimal(figure.numerator) / divide).quantize(_HUNDREDTH)


def written_value(figure: Figure, asked: Asked) -> str:
    """The value and its unit in one: `73,0 %`, `1.116 vrouwen`, `1 vrouw`."""
    if figure.withheld:
        return asked._("withheld")
    value = Decimal(figure.value) if isinstance(figure.value, str) else figure.value
    if figure.unit == "%":
        return asked.format.percent(value)
    if figure.unit == "EUR":
        return asked.format.money(value)
    written = asked.format.number(value)
    return written if value is None else f"{written} {unit_of(figure.unit, value, asked.language)}"


def figures_table(code: str, title: str, figures: Iterable[Figure], asked: Asked, place: str = "") -> Table:
    """A table of figures, a row each; `place` is the level whose name goes before."""
    _ = asked._
    columns = [
        *([Column("place", word(asked.language, "level", place))] if place else []),
        Column("code", _("Code"), "code"),
        Column("figure", _("Figure")),
        Column("value", _("Value"), "decimal"),
        Column("unit", _("Unit")),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
        Column("excluded", _("Left out"), "number"),
    ]
    rows = [_row(figure, asked, place) for figure in figures]
    return Table(code, title, columns, rows)


def _row(figure: Figure, asked: Asked, place: str) -> dict[str, Cell]:
    numbers: dict[str, Cell] = {
        "numerator": numerator_of(figure),
        "denominator": WITHHELD if figure.withheld else figure.denominator,
        "excluded": WITHHELD if figure.withheld else _left_out(figure),
    }
    return {
        "place": word(asked.language, place, figure.by[place]) if place else None,
        "code": figure.code,
        "figure": name_of(figure, asked.language),
        "value": value_of(figure),
        "unit": word(asked.language, "unit", figure.unit),
        **numbers,
    }


def _left_out(figure: Figure) -> Cell:
    return None if figure.excluded is None else sum(count for _, count in figure.excluded)


def view_of(report: Report, code: str, title: str, tables: Iterable[Table]) -> View:
    """A view of a report: it carries the report's position, checkpoint and definitions."""
    head = report.answered.head if report.answered else None
    day = str(report.answered.asked) if report.answered else None
    return View(
        code,
        title,
        tuple(tables),
        report.edition,
        report.position,
        day,
        head.as_json() if head else None,
        report.definitions,
        tuple(dict.fromkeys(figure.code for figure in report.figures)),
    )
