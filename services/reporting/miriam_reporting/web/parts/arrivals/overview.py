"""What arrived by day, what was refused by rule, what came late by family: counts, and nothing of a single woman."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import url_for

from miriam_reporting.reports.current import report
from miriam_reporting.reports.model import Figure
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import Edition, editions
from miriam_reporting.web.parts.arrivals import reading, words
from miriam_reporting.web.parts.arrivals.part import PART, READERS, choose, registered, whose
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import name_of, value_of
from miriam_reporting.web.view import Cell, Column, Link, Table, View

LATE = "D03"
_TALLIES = 60


@PART.page("/arrivals", roles=READERS)
def arrivals(asked: Asked) -> Page:
    """The arrivals of a CPAS: its own, or one that the authority or an auditor chooses."""
    _ = asked._
    cpas = whose(asked)
    if cpas is None:
        return choose(asked)
    choice = [] if asked.viewer.role is Role.CPAS else asked.database.ask(registered)
    found, cut = asked.database.ask(lambda connection: reading.by_day(connection, cpas))
    refused = asked.database.ask(lambda connection: reading.refusals(connection, cpas, _TALLIES))
    known = asked.database.ask(editions)
    edition, table = _of_an_edition(asked, known, cpas)
    tables = [_arrived(found, cut, asked), _refused(refused, asked), *([table] if table else [])]
    title = _("What arrived: %(cpas)s") % {"cpas": words.called(cpas, asked)}
    last = max((each.last for each in found), default=None)
    told = {"cpas": cpas, "choice": choice, "last": last, "edition": edition, "editions": known}
    count = sum(each.count for each in found)
    return Page("arrivals/arrivals.html", View("arrivals", title, tables), days=reading.DAYS, count=count, told=told)


def _arrived(found: Sequence[reading.Arrived], cut: bool, asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("day", _("Day"), "date"),
        Column("kind", _("What")),
        Column("count", _("Recorded"), "number"),
        Column("last", _("The last of them"), "moment"),
    ]
    # Versions of a type are one kind to a reader.
    kinds: dict[tuple[dt.date, str], reading.Arrived] = {}
    for each in found:
        key = each.day, words.kind(each.type, each.fact, asked)
        before = kinds.get(key, replace(each, count=0))
        kinds[key] = replace(before, count=before.count + each.count, last=max(before.last, each.last))
    rows: list[Mapping[str, Cell]] = [
        {"day": day, "kind": kind, "count": each.count, "last": each.last} for (day, kind), each in kinds.items()
    ]
    rows.sort(key=lambda row: (row["day"], row["count"]), reverse=True)
    note = _("Only the newest %(count)s events are counted here.") % {"count": asked.format.number(reading.MOST)}
    return Table("arrived", _("Recorded, by day"), columns, rows, note if cut else "")


def _refused(found: Sequence[reading.RefusedOn], asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("day", _("Day"), "date"),
        Column("rule", _("Why it was refused")),
        Column("count", _("Refused"), "number"),
        Column("service", _("By the service"), "code"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {"day": each.day, "rule": words.rule(each.rule, asked), "count": each.count, "service": each.service}
        for each in found
    ]
    note = _("The services tell these counts once a day, at its end.")
    return Table("refused", _("Refused, by day and reason"), columns, rows, note)


def _of_an_edition(asked: Asked, known: Sequence[Edition], cpas: str) -> tuple[str | None, Table | None]:
    """The edition that is asked for; else the newest in which the CPAS has facts, or the newest of all."""
    chosen = asked.args.get("edition")
    tables = ((each, _late(asked, each, cpas)) for each in ([chosen] if chosen else [each.id for each in known]))
    first: tuple[str | None, Table | None] = (None, None)
    for edition, table in tables:
        if table.rows:
            return edition, table
        first = first if first[1] else (edition, table)
    return first


def _late(asked: Asked, edition: str, cpas: str) -> Table:
    """Of the facts of an edition that a CPAS sent, those noted later than it allows. Raises UnknownEdition."""
    _ = asked._
    figures = asked.database.ask(lambda connection: report(connection, edition, None, ("cpas",), (LATE,)).as_report())
    own = [each for each in figures.figures if each.by.get("cpas") == cpas]
    columns = [
        Column("family", _("Facts")),
        Column("late", _("Late"), "number"),
        Column("all", _("Of all"), "number"),
        Column("share", _("Share"), "percent"),
    ]
    title = _("Late facts of edition %(edition)s") % {"edition": edition}
    return Table("late", title, columns, [_late_row(each, edition, cpas, asked) for each in own])


def _late_row(figure: Figure, edition: str, cpas: str, asked: Asked) -> Mapping[str, Cell]:
    named = name_of(figure, asked.language)
    address = url_for("arrivals.late", edition=edition, part=figure.part or None, cpas=cpas)
    return {
        "family": Link(named, address) if figure.numerator else named,
        "late": figure.numerator,
        "all": figure.denominator,
        "share": value_of(figure),
    }
