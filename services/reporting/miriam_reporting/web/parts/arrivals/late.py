"""The late facts of a CPAS themselves: when each happened, and when it was noted."""

import datetime as dt
from collections.abc import Mapping, Sequence

from psycopg2.extensions import connection as Connection

from miriam_platform.times import BRUSSELS
from miriam_reporting.reports.explain import explain_page
from miriam_reporting.web import links
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions
from miriam_reporting.web.parts.arrivals import words
from miriam_reporting.web.parts.arrivals.overview import LATE
from miriam_reporting.web.parts.arrivals.part import PART, READERS, choose, whose
from miriam_reporting.web.view import Cell, Column, Table, View

ROWS = 50
_LEAVES = """
select leaf.event_id::text, leaf.type, coalesce(leaf.data -> 'data' ->> 'fact', ''), leaf.data ->> 'originid',
       coalesce(leaf.data #>> '{data,replacement,occurred_on}', leaf.data -> 'data' ->> 'occurred_on'),
       leaf.data ->> 'time'
  from ledger.leaf as leaf
 where leaf.position = any (%s)
 order by leaf.position desc
"""


@PART.page("/arrivals/late", roles=READERS, look="arrivals")
def late(asked: Asked) -> Page:
    """Late facts of a CPAS in an edition, of one family where `?part=` says so."""
    _ = asked._
    cpas, part = whose(asked), asked.args.get("part", "")
    if cpas is None:
        return choose(asked)
    edition = asked.args.get("edition") or next((each.id for each in asked.database.ask(editions)), "")
    number = asked.args.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    rows_at_once = asked.at_once(ROWS)
    after = 0 if asked.exporting else (page - 1) * ROWS

    # Late facts are the numerator, which stands first: where a page holds others, it is the last.
    found = explain_page(asked.layouts, edition, LATE, part, "cpas", cpas, None, after, rows_at_once + 1)
    counted = [each for each in found.rows if each.counted == "numerator"]
    rows, further, position = counted[:rows_at_once], len(counted) > rows_at_once, found.position
    table = asked.database.ask(lambda connection: _table(connection, [each.position for each in rows], asked))
    title = _("Late facts: %(cpas)s") % {"cpas": words.called(cpas, asked)}
    view = View("late_facts", title, [table], edition=edition, position=position)
    return Page("arrivals/late.html", view, cpas=cpas, edition=edition, page=page, further=further)


def _table(connection: Connection, positions: Sequence[int], asked: Asked) -> Table:
    _ = asked._
    columns = [
        Column("sent_as", _("Your id of it"), "id"),
        Column("kind", _("What")),
        Column("occurred_on", _("Happened on"), "date"),
        Column("noted_on", _("Noted on"), "date"),
        Column("days", _("Days between"), "number"),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, (list(positions),))
        rows = [_row(asked, *row) for row in cursor]
    return Table("late", _("Late facts"), columns, rows)


def _row(
    asked: Asked, event_id: str, type_: str, fact: str, sent_as: str, occurred: str, noted: str
) -> Mapping[str, Cell]:
    occurred_on = dt.date.fromisoformat(occurred)
    noted_on = dt.datetime.fromisoformat(noted).astimezone(BRUSSELS).date()
    return {
        "sent_as": links.event(event_id, sent_as),
        "kind": words.kind(type_, fact, asked),
        "occurred_on": occurred_on,
        "noted_on": noted_on,
        "days": (noted_on - occurred_on).days,
    }
