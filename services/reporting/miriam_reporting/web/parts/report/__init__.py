"""Editions, and what an edition achieved: its headline figures with their denominators, and every figure in a table."""

from collections.abc import Mapping

from flask import url_for

from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions as all_editions
from miriam_reporting.web.figures import figures_for
from miriam_reporting.web.part import Part
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
    """The report of an edition: a CPAS sees its own figures."""
    _ = asked._
    found = figures_for(asked.database, asked.viewer, edition, asked.args.get("as_of"))
    headlines = [
        {"name": name_of(each, asked.language), "value": written_value(each, asked), "of": each.denominator}
        for each in found.figures
        if each.code in HEADLINES and not each.part
    ]
    table = figures_table("figures", _("Every figure"), found.figures, asked)
    title = _("Edition %(edition)s") % {"edition": edition}
    return Page("report/report.html", view_of(found, "report", title, [table]), headlines=headlines)
