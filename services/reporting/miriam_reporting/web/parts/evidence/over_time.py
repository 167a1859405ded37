"""A figure as it was published, each time, and as it is known now."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask import url_for
from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Response

from miriam_platform.times import brussels_day, now
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life import archive
from miriam_reporting.reports.life.published import Publication, publications
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.parts.evidence.part import PART, READERS
from miriam_reporting.web.parts.evidence.place import Wanted, named, wanted
from miriam_reporting.web.parts.outcomes.images import image
from miriam_reporting.web.parts.outcomes.numbers import estimate, percents, plain
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.lines import Line, lines
from miriam_reporting.web.telling import name_of, numerator_of, value_of, view_of
from miriam_reporting.web.view import Cell, Column, Table

# The figures of a publication are read whole to find one in them.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Then:
    """The figure on a day, at a position: `publication` is where it was published, None as it is known now."""

    on: dt.date
    position: int
    figure: Figure
    publication: Publication | None


@PART.page("/editions/<edition>/figures/<code>/over-time", roles=READERS)
def over_time(asked: Asked, edition: str, code: str) -> Page:
    """The figure in the last publications of its edition, and now. Raises as `wanted` does, and Untrue."""
    found = wanted(asked, edition, code)
    then = _then(asked, found)
    title = asked._("%(figure)s over time") % {"figure": name_of(found.figure, asked.language)}
    address: dict[str, Any] = {"edition": edition, "code": code, **found.address()}
    drawn = url_for("evidence.over_time_picture", **address)
    return Page(
        "evidence/over_time.html",
        view_of(found.report, "over_time", title, [_table(asked, then)]),
        edition=edition,
        found=found,
        place=named(asked, found.level, found.value),
        picture=drawn if len(then) > 1 else None,
        said=_said(asked),
    )


@PART.resource("/editions/<edition>/figures/<code>/over-time.svg", roles=READERS)
def over_time_picture(asked: Asked, edition: str, code: str) -> Response:
    """The same as a line."""
    found = wanted(asked, edition, code)
    return image(asked, lambda: _drawn(asked, found, _then(asked, found)))


def _then(asked: Asked, found: Wanted) -> Sequence[Then]:
    """The oldest first; a publication that had no such figure is left out."""

    def ask(connection: Connection) -> list[Then]:
        told = []
        with looking(connection):
            for each in publications(connection, found.report.edition)[-_MOST:]:
                figure = _in(archive.published_figures(connection, each.event_id, each.data), found)
                if figure:
                    day = dt.date.fromisoformat(each.data["occurred_on"])
                    told.append(Then(day, each.data["position"], figure, each))
        return told

    today = dt.date.fromisoformat(brussels_day(now()))
    return [*asked.database.ask(ask), Then(today, found.report.position, found.figure, None)]


def _in(figures: Sequence[Mapping[str, object]], found: Wanted) -> Figure | None:
    where = found.level, found.value, found.figure.part
    for each in (Figure.from_json(told) for told in figures if told["code"] == found.indicator.code):
        if (each.level, each.by.get(each.level, ""), each.part) == where:
            return each
    return None


def _table(asked: Asked, then: Sequence[Then]) -> Table:
    _ = asked._
    columns = [
        Column("on", _("Day"), "date"),
        Column("what", _("What")),
        Column("position", _("Position"), "number"),
        Column("value", _("Value"), "decimal"),
        Column("unit", _("Unit")),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "on": each.on,
            "what": _named(asked, each.publication),
            "position": each.position,
            "value": value_of(each.figure),
            "unit": word(asked.language, "unit", each.figure.unit),
            "numerator": numerator_of(each.figure),
            "denominator": each.figure.denominator,
        }
        for each in then
    ]
    return Table("over_time", _("As it was published, and as it is known now"), columns, rows)


def _named(asked: Asked, publication: Publication | None) -> str:
    if publication is None:
        return asked._("as known now")
    step = word(asked.language, "life", "restated" if publication.restated else "published")
    return f"{publication.data['report']} · {step}"


def _drawn(asked: Asked, found: Wanted, then: Sequence[Then]) -> bytes | None:
    if len(then) < 2:
        return None
    called = name_of(found.figure, asked.language)
    said = Said(f"{called}: {found.report.edition} · {named(asked, found.level, found.value)}", _said(asked))
    shares = found.figure.unit == "%"
    scale = percents(asked, called) if shares else plain(asked, word(asked.language, "unit", found.figure.unit))
    told = [estimate(each.figure, asked) if shares else _plain(each.figure) for each in then]
    ticks = [asked._("now") if each.publication is None else _day(each.on, asked) for each in then]
    return lines(said, ticks, [Line("", told)], scale)


def _day(on: dt.date, asked: Asked) -> str:
    """A day as short as the picture has room for."""
    return str(format_date(on, "short", locale=asked.format.locale))


def _plain(figure: Figure) -> Estimate:
    return Estimate(None if figure.value is None else float(Decimal(figure.value)), "")


def _said(asked: Asked) -> str:
    return asked._("A line from publication to publication, and to what is known now; shares with their intervals.")
