"""What was published, for anybody: the reports of the programme, with small cells withheld."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from flask import url_for
from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Response

from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.life.published import publications
from miriam_reporting.reports.model import LEVELS, Report
from miriam_reporting.reports.withholding import rules
from miriam_reporting.reports.withholding.public import PublicReport, public_report, public_reports
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.outcomes import places_page
from miriam_reporting.web.parts.outcomes.images import image
from miriam_reporting.web.parts.outcomes.places import Place, chosen, names
from miriam_reporting.web.parts.outcomes.scene import Addresses, Scene, places_of
from miriam_reporting.web.parts.outcomes.sections import (
    Section,
    attendance_section,
    distance_section,
    exit_sections,
    goal_sections,
    picture_of,
    progress_section,
)
from miriam_reporting.web.parts.outcomes.whole import every_figure, headlines, levels
from miriam_reporting.web.roles import EVERYBODY
from miriam_reporting.web.telling import view_of
from miriam_reporting.web.view import Cell, Column, Link, Table, View

PART = Part("published")
# Publications never change, and are dear to read: the last few that were asked for are kept.
_KEPT = 4
_known: OrderedDict[tuple[str, str], PublicReport] = OrderedDict()  # by database and event
_lock = threading.Lock()


@PART.page("/published", roles=EVERYBODY)
def reports(asked: Asked) -> Page:
    """Every publication that the public is given, the newest first."""
    _ = asked._
    told = asked.database.ask(public_reports)[::-1]
    rows: list[dict[str, Cell]] = [
        {
            "report": Link(
                each["report"], url_for("published.report", report=each["report"], publication=each["event_id"])
            ),
            "edition": each["edition"],
            "on": each["occurred_on"],
            "restated": each["restated"],
            "reason": each.get("reason"),
        }
        for each in told
    ]
    columns = [
        Column("report", _("Report")),
        Column("edition", _("Edition")),
        Column("on", _("Published on"), "date"),
        Column("restated", _("Restated"), "flag"),
        Column("reason", _("Why it was restated")),
    ]
    title = _("Published reports")
    return Page("published/reports.html", View("published", title, [Table("published", title, columns, rows)]))


@PART.page("/published/<report>", roles=EVERYBODY, pdf="pdf.html")
def report(asked: Asked, report: str) -> Page:
    """A publication, the newest of the report where none is named, or a place in it."""
    found, public = _scene(asked, report)
    sections: Sequence[Section] = [
        progress_section(found),
        distance_section(found, {}),
        *goal_sections(found),
        attendance_section(found),
        *exit_sections(found),
    ]
    title = asked._("Report %(report)s") % {"report": report}
    if found.place.value:
        title = f"{title} · {found.names.of(found.place)}"
    tables = [every_figure(found), *(each.table for each in sections)]
    return Page(
        "published/report.html",
        view_of(found.report, "published_report", title, tables),
        headlines=headlines(found),
        sections=sections,
        levels=levels(found),
        place=found.place,
        choices=places_of(found.report, found.names, ("region", "cpas"), with_whole=True),
        publication=public.publication,
        unsigned=[found.names.of(Place("cpas", each)) for each in public.publication.data["unsigned"]],
        withheld=public.withheld,
        threshold=rules.THRESHOLD,
    )


@PART.page("/published/<report>/by/<level>", roles=EVERYBODY)
def by(asked: Asked, report: str, level: str) -> Page:
    """Every place of a level in a publication."""
    if level not in LEVELS[1:]:
        raise Unknown(f"by: {', '.join(LEVELS[1:])}")
    found, _ = _scene(asked, report)
    return places_page.page(found, level)


@PART.resource("/published/<report>/pictures/<name>.svg", roles=EVERYBODY)
def picture(asked: Asked, report: str, name: str) -> Response:
    """A picture of a publication."""
    wanted = places_page.picture(asked) if name == "places" else picture_of(name)
    if not wanted.of_figures:
        raise Unknown(f"picture: {name} shows more than is published")
    return image(asked, lambda: wanted.draw(_scene(asked, report)[0]))


def _scene(asked: Asked, name: str) -> tuple[Scene, PublicReport]:
    """The figures that the public is given. Raises NeverPublished, NotForThePublic, Untrue, Unknown."""
    url, wanted = asked.settings.database_url, asked.args.get("publication")
    public = asked.database.ask(lambda connection: _public(connection, url, name, wanted))
    told = public.publication
    place = chosen(asked, public=True)
    if not any(place.holds(each) for each in public.figures):
        nothing = asked._("Nothing is counted for %(place)s.") % {"place": place.value}
        raise Unknown(f"place: {place.key} has no figures in {name}", nothing)
    report = Report(told.data["edition"], told.data["position"], public.figures, definitions=name)
    addresses = Addresses(
        "published.report", "published.by", "published.picture", {"report": name, "publication": told.event_id}
    )
    return Scene(asked, report, place, names(asked), addresses, is_public=True), public


def _public(connection: Connection, url: str, name: str, event_id: str | None) -> PublicReport:
    with looking(connection):
        found = [each.event_id for each in publications(connection, report=name) if event_id in (None, each.event_id)]
    if found:
        with _lock:
            if known := _known.get((url, found[-1])):
                _known.move_to_end((url, found[-1]))
                return known
    public = public_report(connection, name, event_id)
    with _lock:
        _known[url, public.publication.event_id] = public
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return public
