"""The figures in which an event counts: the way back from an event to what was made of it."""

from typing import Any

from flask import url_for
from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.event import Counted, counted_in
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.words import label
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.editions import editions
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.evidence import saying
from miriam_reporting.web.parts.evidence.part import PART, READERS
from miriam_reporting.web.parts.evidence.stories import payload, story_for
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Cell, Column, Link, Table, View

_EDITION = """
select edition from facts.project where project = %s and not retracted order by from_position desc limit 1
"""


@PART.page("/events/<event>/figures", roles=READERS, look="event")
def counts(asked: Asked, event: str) -> Page:
    """Each figure of which the event is evidence. The first to ask waits until the edition is laid out.

    Raises UnknownEvent, BadAsOf, NoCheckpointYet, Unknown.
    """
    _ = asked._
    story = story_for(asked, event)
    data = payload(story.event)
    edition = asked.args.get("edition") or asked.database.ask(lambda connection: _edition(connection, dict(data)))
    if edition is None:
        raise Unknown("no edition is open")
    as_of = story.position if asked.args.get("as_of") else None
    position, found = counted_in(asked.layouts, edition, story.event.event_id, as_of)
    columns = [
        Column("code", _("Code"), "code"),
        Column("figure", _("Figure")),
        Column("part", _("Part")),
        Column("counted", _("Counts as")),
        Column("reason", _("Why left out")),
    ]
    rows = [_row(asked, edition, each) for each in found]
    name = saying.title(story.event.type, data, asked.language)
    table = Table("counts", _("The figures in which it counts"), columns, rows)
    view = View("counts", name, [table], edition=edition, position=position)
    return Page("evidence/counts.html", view, turn=story.event, edition=edition, standing=story.standing)


def _row(asked: Asked, edition: str, each: Counted) -> dict[str, Cell]:
    indicator = indicators()[each.code]
    arguments: dict[str, Any] = {"part": each.part} if each.part else {}
    if asked.viewer.role is Role.CPAS:
        arguments["cpas"] = asked.viewer.cpas
    address = url_for("evidence.definition", edition=edition, code=each.code, **arguments)
    return {
        "code": each.code,
        "figure": Link(indicator.names[asked.language], address),
        "part": label(indicator, each.part, asked.language) if each.part else None,
        **saying.counts_as(each.counted, each.reason, asked.language),
    }


def _edition(connection: Connection, data: dict[str, object]) -> str | None:
    """The edition that an event is of: named by itself, or by its project; else the newest."""
    inner = data.get("replacement", data)
    said = inner if isinstance(inner, dict) else {}
    if isinstance(said.get("edition"), str):
        return str(said["edition"])
    with looking(connection), connection.cursor() as cursor:
        cursor.execute(_EDITION, (said.get("project"),))
        row = cursor.fetchone()
        return str(row[0]) if row else next((each.id for each in editions(connection)), None)
