"""Editions, and what an edition achieved: its headline figures with their denominators, and every figure in a table."""

from collections.abc import Mapping

from flask import url_for

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions as all_editions
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.outcomes import surroundings
from miriam_reporting.web.parts.outcomes.scene import Scene, scene
from miriam_reporting.web.parts.outcomes.sections import (
    distance_section,
    exits_section,
    goals_section,
    progress_section,
)
from miriam_reporting.web.parts.outcomes.whole import every_figure, headlines, levels
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import view_of
from miriam_reporting.web.view import Cell, Column, Link, Table, View

PART = Part("report")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)


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


@PART.page("/editions/<edition>", roles=READERS, pdf="pdf.html")
def report(asked: Asked, edition: str) -> Page:
    """The report of an edition, or of a place in it; a CPAS sees its own figures."""
    found = scene(asked, edition, tuple(indicators()))
    sections = [
        progress_section(found),
        distance_section(found, {}, _more(found, "outcomes.distance_page")),
        goals_section(found, _more(found, "outcomes.goals_page")),
        exits_section(found, _more(found, "outcomes.exits_page")),
    ]
    title = asked._("Edition %(edition)s") % {"edition": edition}
    if found.place.value:
        title = f"{title} · {found.names.of(found.place)}"
    tables = [every_figure(found), *(each.table for each in sections)]
    return Page(
        "report/report.html",
        view_of(found.report, "report", title, tables),
        headlines=headlines(found),
        sections=sections,
        levels=levels(found),
        **surroundings(found),
    )


def _more(found: Scene, endpoint: str) -> str:
    place = {"place": found.place.key} if found.asked.args.get("place") else {}
    return found.addresses.of(endpoint, **place)
