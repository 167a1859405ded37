"""The events themselves: the newest, or the one that its sender asks for by its own id."""

import datetime as dt
from collections.abc import Mapping, Sequence

from miriam_contracts.ids import LOCAL_PATTERN
from miriam_reporting.web import links
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.parts.arrivals import reading, words
from miriam_reporting.web.parts.arrivals.part import PART, READERS, choose, whose
from miriam_reporting.web.view import Cell, Column, Table, View

ROWS = 50


@PART.page("/arrivals/events", roles=READERS, look="arrivals")
def recorded(asked: Asked) -> Page:
    """The newest recorded events of a CPAS before `?before=`, or what was recorded of the event `?id=`."""
    _ = asked._
    cpas, id_ = whose(asked), asked.args.get("id", "").strip()
    if cpas is None:
        return choose(asked)
    before = asked.args.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else reading.NEWEST
    if asked.exporting:
        start = reading.NEWEST
    if not id_:
        found = asked.database.ask(lambda connection: reading.events(connection, cpas, start, asked.at_once(ROWS)))
    elif LOCAL_PATTERN.fullmatch(id_):
        found = asked.database.ask(lambda connection: reading.sent_as(connection, cpas, id_))
    else:
        found = ()
    title = _("Recorded events: %(cpas)s") % {"cpas": words.called(cpas, asked)}
    earlier = found[-1].position if len(found) == ROWS and not id_ else None
    view = View("arrived_events", title, [_table(found, asked)])
    return Page("arrivals/events.html", view, cpas=cpas, id=id_, earlier=earlier)


def _table(found: Sequence[reading.Event], asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("sent_as", _("Your id of it"), "id"),
        Column("kind", _("What")),
        Column("occurred_on", _("Happened on"), "date"),
        Column("recorded", _("Recorded"), "moment"),
        Column("subject", _("What it is about"), "id"),
    ]
    rows: list[Mapping[str, Cell]] = [
        {
            "sent_as": links.event(each.event_id, each.sent_as),
            "kind": words.kind(each.type, each.fact, asked),
            "occurred_on": dt.date.fromisoformat(each.occurred_on) if each.occurred_on else None,
            "recorded": each.recorded,
            "subject": each.subject,
        }
        for each in found
    ]
    return Table("events", _("Recorded events"), columns, rows)
