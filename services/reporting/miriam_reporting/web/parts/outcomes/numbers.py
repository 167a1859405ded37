"""From figures to what tables and pictures hold of them: cells, estimates, scales."""

from decimal import Decimal
from typing import Any

from flask import url_for

from miriam_reporting.reports.model import Figure
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.parts.outcomes.scene import Scene
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.intervals import Interval, wilson
from miriam_reporting.web.plots.scale import Scale
from miriam_reporting.web.view import WITHHELD, Cell, Column, Link, Plain, Table


def decimal(value: float, places: int) -> Decimal:
    """A number as it is shown: its last digit rounded half-even."""
    return round(Decimal(value), places)


def ends(interval: Interval | None, places: int) -> tuple[Decimal | None, Decimal | None]:
    """The two ends of an interval as they are shown."""
    return (None, None) if interval is None else (decimal(interval.low, places), decimal(interval.high, places))


def drawable(table: Table, *keys: str) -> bool:
    """Whether a picture of these columns shows anything: a number that is not 0, or the mark of one withheld."""
    return any(row.get(key) == WITHHELD or bool(row.get(key)) for row in table.rows for key in keys)


def share(figure: Figure) -> Interval | None:
    """The interval of a share, in percent; None where there is nothing to compute it from."""
    if figure.withheld or figure.numerator is None or not figure.denominator:
        return None
    found = wilson(figure.numerator, figure.denominator)
    return found and Interval(100 * found.low, 100 * found.high)


def share_columns(asked: Asked) -> list[Column]:
    """The columns of a share with its interval and what it was computed from."""
    _ = asked._
    return [
        Column("value", _("Share"), "percent"),
        Column("low", _("Lower end (95%)"), "percent"),
        Column("high", _("Upper end (95%)"), "percent"),
        Column("numerator", _("Counted"), "number"),
        Column("denominator", _("Of"), "number"),
    ]


def share_cells(figure: Figure | None) -> dict[str, Cell]:
    """The cells of those columns."""
    if figure is None:
        return {}
    if figure.withheld:
        return dict.fromkeys(("value", "low", "high", "numerator", "denominator"), WITHHELD)
    low, high = ends(share(figure), 1)
    return {
        "value": value(figure),
        "low": low,
        "high": high,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
    }


def value(figure: Figure | None) -> Plain:
    """The value of a figure as a cell."""
    if figure is None:
        return None
    if figure.withheld:
        return WITHHELD
    return Decimal(figure.value) if isinstance(figure.value, str) else figure.value


def count(figure: Figure | None) -> Plain:
    """The numerator of a figure as a cell."""
    return None if figure is None else WITHHELD if figure.withheld else figure.numerator


def withheld(asked: Asked) -> Estimate:
    """What a picture holds of a figure that is withheld."""
    return Estimate(None, asked._("withheld"), withheld=True)


def estimate(figure: Figure | None, asked: Asked) -> Estimate:
    """A share as pictures show it, with its interval and what it is of; a dash where there is none."""
    if figure is not None and figure.withheld:
        return withheld(asked)
    if figure is None or figure.value is None:
        return Estimate(None, asked.format.number(None))
    told = asked.format.percent(Decimal(figure.value))
    if figure.numerator is None or figure.denominator is None:
        return Estimate(float(figure.value), told)
    of = f"{asked.format.number(figure.numerator)} / {asked.format.number(figure.denominator)}"
    return Estimate(float(figure.value), f"{told}  ({of})", share(figure))


def counted(number: Plain, asked: Asked) -> Estimate:
    """A count as pictures show it."""
    if number == WITHHELD:
        return withheld(asked)
    if not isinstance(number, int):
        return Estimate(None, asked.format.number(None))
    return Estimate(number, asked.format.number(number))


def percents(asked: Asked, name: str) -> Scale:
    """A scale from 0 to 100 percent."""
    return Scale(name, lambda tick: asked.format.percent(round(tick)), 0, 100)


def plain(asked: Asked, name: str, low: float | None = 0, high: float | None = None, *, whole: bool = False) -> Scale:
    """A scale of numbers, with as many decimals as its marks need."""
    return Scale(name, lambda tick: asked.format.number(Decimal(f"{tick:.6g}")), low, high, whole)


def evidence(scene: Scene, figure: Figure | None, text: str) -> Cell:
    """The name of a figure, leading to how it is counted, and from there to the events behind it."""
    if figure is None or scene.is_public:
        return text
    told: dict[str, Any] = {name: value for name, value in figure.by.items() if name == figure.level}
    if figure.part:
        told["part"] = figure.part
    if as_of := scene.asked.args.get("as_of"):
        told["as_of"] = as_of
    return Link(text, url_for("evidence.definition", edition=scene.report.edition, code=figure.code, **told))
