"""The course of one participation: what happened in it, day by day, each entry leading to its event."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import ceil

from flask import url_for
from psycopg2.extensions import connection as Connection

from miriam_contracts import words
from miriam_reporting.facts.reading import reading
from miriam_reporting.reports.as_of import resolve
from miriam_reporting.reports.errors import PositionBeyondHead
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.evidence import saying
from miriam_reporting.web.parts.evidence.leaves import Told, told_of
from miriam_reporting.web.parts.evidence.part import (
    PART,
    READERS,
    ROWS,
    is_anothers,
    is_own_participation,
    page_number,
)
from miriam_reporting.web.parts.evidence.strip import Mark, Strip, strip
from miriam_reporting.web.view import Cell, Column, Link, Table, View

_PRESENCE = ("present", "excused", "absent")
_COURSE = resources.files(__package__).joinpath("course.sql").read_text("utf-8")
# What is said of a fact in its line, where it has it; all of it stands on the event's own page.
_DETAILS = (
    "moment", "duration_minutes", "duration", "place", "theme", "themes", "domain", "percent", "evidence", "outcome",
    "partner", "referrer", "reason", "certificate", "situation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of a course, as it stands: its newest event, whether that corrected or retracted it, and what it says."""

    event_id: str
    on: dt.date
    corrected: bool
    retracted: bool
    presence: str | None
    told: Told


@PART.page("/participations/<participation>", roles=READERS, look="course")
def course(asked: Asked, participation: str) -> Page:
    """A participation's course, to the day. Raises Unknown, BadAsOf, NoCheckpointYet, PositionBeyondHead."""
    _ = asked._
    if not is_own_participation(asked, participation):
        raise Unknown(f"no participation {participation} of this CPAS", _no_participation(asked))
    position, entries = asked.database.ask(
        lambda connection: entries_of(connection, participation, asked.args.get("as_of") or None)
    )
    if not entries:
        raise Unknown(f"no participation {participation}", _no_participation(asked))
    columns = [
        Column("on", _("Happened on"), "date"),
        Column("fact", _("What happened")),
        Column("details", _("Details")),
        Column("state", _("Corrected or retracted")),
        Column("position", _("Event"), "id"),
    ]
    number = page_number(asked)
    shown = entries if asked.exporting else entries[(number - 1) * ROWS : number * ROWS]
    table = Table("course", _("The course of this participation"), columns, [_row(asked, each) for each in shown])
    title = _("Participation %(participation)s") % {"participation": participation}
    return Page(
        "evidence/course.html",
        View("course", title, [table], position=position),
        person=next((each.told.payload["person"] for each in entries if "person" in each.told.payload), None),
        strip=_strip(asked, entries),
        number=number,
        pages=ceil(len(entries) / ROWS),
    )


def entries_of(connection: Connection, participation: str, as_of: str | None) -> tuple[int, list[Entry]]:
    """The entries in the order of days, as of a position or day (None: all that is projected), and the position.

    Raises BadAsOf, NoCheckpointYet, PositionBeyondHead.
    """
    wanted = resolve(connection, as_of).position
    with reading(connection) as reached:
        position = reached if wanted is None else wanted
        if not 0 <= position <= reached:
            raise PositionBeyondHead(position, reached)
        with connection.cursor() as cursor:
            cursor.execute(_COURSE, {"participation": participation, "position": position})
            rows = cursor.fetchall()
        told = told_of(connection, [row[2] for row in rows])
    return position, [
        Entry(event_id, on, first_id != event_id and not retracted, retracted, presence, told[at])
        for first_id, event_id, at, on, retracted, presence in rows
        if at in told
    ]


def _row(asked: Asked, each: Entry) -> Mapping[str, Cell]:
    family, fact = each.told.fact.split(".")
    step = "retracted" if each.retracted else "corrected" if each.corrected else None
    return {
        "on": each.on,
        "fact": words.fact(family, fact, asked.language),
        "details": _details(asked, each) or None,
        "state": word(asked.language, "step", step) if step else None,
        "position": _event(asked, each),
    }


def _event(asked: Asked, each: Entry) -> Cell:
    """A link, unless another CPAS said it of this woman, whose event this reader could not open."""
    short = each.event_id[:8]
    if is_anothers(asked, each.told.origin):
        return short
    return Link(short, url_for("evidence.event", event=each.event_id))


def _details(asked: Asked, each: Entry) -> str:
    family, fact = each.told.fact.split(".")
    version = each.told.type.rpartition(".v")[2]
    # Of what a partner in a consortium noted of its woman, a CPAS is told that it was, on which day, and her presence.
    names = () if is_anothers(asked, each.told.origin) else _DETAILS
    said = {name: each.told.payload[name] for name in names if name in each.told.payload}
    rows = saying.said(f"miriam.{family}.{fact}.v{version}", said, asked)
    presence = [words.code(_PRESENCE, each.presence, asked.language)] if each.presence else []
    return " · ".join([*presence, *(f"{row['field']}: {row['value']}" for row in rows)])


def _strip(asked: Asked, entries: Sequence[Entry]) -> Strip | None:
    _ = asked._
    lanes = {
        "participation": _("Enrolment and end"),
        "session": _("Individual sessions"),
        "groupsession": _("Group sessions"),
        "goal": _("Goals"),
        "assessment": _("Questionnaires"),
        "referral": _("Referrals"),
    }
    marks = [
        Mark(each.on, lanes[each.told.fact.split(".")[0]], _is_hollow(each))
        for each in entries
        if not each.retracted and each.told.fact.split(".")[0] in lanes
    ]
    return strip(marks, tuple(lanes.values()), asked.language) if marks else None


def _is_hollow(each: Entry) -> bool:
    """What did not take place, or where she was not present."""
    return each.told.fact in ("session.missed", "goal.abandoned") or each.presence in ("excused", "absent")


def _no_participation(asked: Asked) -> str:
    return asked._("There is no such participation, or it is not for you to see.")
