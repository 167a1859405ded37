"""Editions, and what an edition achieved: its headline figures with their denominators, and every figure in a table."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions as all_editions
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.outcomes import surroundings
from miriam_reporting.web.parts.outcomes.numbers import evidence
from miriam_reporting.web.parts.outcomes.places import levels_of
from miriam_reporting.web.parts.outcomes.scene import Scene, scene
from miriam_reporting.web.parts.outcomes.sections import (
    distance_section,
    exits_section,
    goals_section,
    progress_section,
)
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import figures_table, name_of, view_of, written_value
from miriam_reporting.web.view import Cell, Column, Link, Table, View

PART = Part("report")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)
# What the first question of a reader is about.
HEADLINES = ("I01", "I02", "I03", "I04", "I08", "I09", "I10", "I11")


@PART.page("/editions", roles=READERS)
def editions(asked: Asked) -> Page:
    """Every edition, newest first."""
    _ = asked._
    found = asked.database.ask(all_editions)
    rows: list[Mapping[str, Cell]] = [
        {
            "edition": Link(each.id, url_for("report.report", edition=each.id)),
            "name": each.name,
            "starts_on": each.starts_on,
            "ends_on": each.ends_on,
        }
        for each in found
    ]
    columns = [
        Column("edition", _("Edition")),
        Column("name", _("Name")),
        Column("starts_on", _("First day"), "date"),
        Column("ends_on", _("Last day"), "date"),
    ]
    return Page(
        "report/editions.html", View("editions", _("Editions"), [Table("editions", _("Editions"), columns, rows)])
    )


@PART.page("/editions/<edition>", roles=READERS)
def report(asked: Asked, edition: str) -> Page:
    """The report of an edition, or of a place in it; a CPAS sees its own figures."""
    found = scene(asked, edition, tuple(indicators()))
    shown = [each for each in found.report.figures if found.place.holds(each)]
    headlines = [
        {"name": name_of(each, asked.language), "value": written_value(each, asked), "of": _of(each)}
        for each in shown
        if each.code in HEADLINES and not each.part
    ]
    sections = [
        progress_section(found),
        distance_section(found, {}, _more(found, "outcomes.distance_page")),
        goals_section(found, _more(found, "outcomes.goals_page")),
        exits_section(found, _more(found, "outcomes.exits_page")),
    ]
    table = figures_table("figures", asked._("Every figure"), shown, asked)
    rows = [
        {**row, "figure": evidence(edition, figure, str(row["figure"]))}
        for row, figure in zip(table.rows, shown, strict=True)
    ]
    table = replace(table, rows=rows)
    title = asked._("Edition %(edition)s") % {"edition": edition}
    if found.place.value:
        title = f"{title} · {found.names.of(found.place)}"
    view = view_of(found.report, "report", title, [table, *(each.table for each in sections)])
    levels = [(each, word(asked.language, "level", each)) for each in levels_of(asked)]
    return Page(
        "report/report.html",
        view,
        headlines=headlines,
        sections=sections,
        levels=levels,
        **surroundings(found),
    )


def _of(figure: Figure) -> int | None:
    return None if figure.withheld else figure.denominator


def _more(found: Scene, endpoint: str) -> str:
    told = {name: found.asked.args[name] for name in ("place", "as_of") if found.asked.args.get(name)}
    arguments: dict[str, Any] = {"edition": found.report.edition, **told}
    return url_for(endpoint, **arguments)
