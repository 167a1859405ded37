"""Which events of a CPAS were refused and why, asked of the services that refused them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_reporting.web import owners
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.owners import Told
from miriam_reporting.web.parts.arrivals import words
from miriam_reporting.web.parts.arrivals.part import PART, READERS, choose, whose
from miriam_reporting.web.view import Cell, Column, Table, View

MOST = 100


@PART.page("/arrivals/refused", roles=READERS, look="arrivals")
def refused(asked: Asked) -> Page:
    """The newest refusals of each service, told by rule and field; what was sent is shown to its sender alone."""
    _ = asked._
    cpas = whose(asked)
    if cpas is None:
        return choose(asked)
    settings = asked.settings
    answers = owners.ask(settings.owners, settings.token, f"/v1/refusals?emitter={cpas}&limit={MOST}")
    rows = [row for each in answers if _sound(each) for row in _rows(each, asked)]
    rows.sort(key=lambda row: row["last"], reverse=True)
    columns = [
        Column("id", _("Your id of it"), "id"),
        Column("kind", _("What")),
        Column("why", _("Why it was refused")),
        Column("last", _("Refused last"), "moment"),
        Column("times", _("Times sent"), "number"),
        Column("service", _("By the service"), "code"),
    ]
    title = _("Refused events: %(cpas)s") % {"cpas": words.called(cpas, asked)}
    view = View(
        "refused_events", title, [Table("refused_events", _("Refused events, the newest first"), columns, rows)]
    )
    away = [each.service for each in answers if not _sound(each)]
    return Page("arrivals/refused.html", view, cpas=cpas, away=away, asked_any=bool(settings.owners), most=MOST)


def _sound(told: Told) -> bool:
    return told.status == 200 and isinstance(told.body, dict) and isinstance(told.body.get("refusals"), list)


def _rows(told: Told, asked: Asked) -> Sequence[Mapping[str, Any]]:
    made: list[Mapping[str, Cell]] = [
        {
            "id": each["id"],
            "kind": words.kind(each["type"], "", asked) if each["type"] in EVENT_TYPES else each["type"],
            "why": " ".join(words.refusal(problem, asked) for problem in each["problems"]),
            "last": dt.datetime.fromisoformat(each["last_refused_at"]),
            "times": each["times"],
            "service": told.service,
        }
        for each in told.body["refusals"]
    ]
    return made
