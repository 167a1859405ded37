"""The access log: who looked at data of single women, when, why, at what. Reading it is noted in it."""

import datetime as dt
from collections.abc import Mapping

from flask import url_for

from miriam_reporting.audit import access
from miriam_reporting.audit.access import KINDS, Broken, Look
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.privacy.part import PART
from miriam_reporting.web.parts.privacy.requests import PAGE, before_of
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Cell, Column, Table, View


@PART.page("/access-log", roles=(Role.DPO, Role.AUDITOR), look="access_log")
def access_log(asked: Asked) -> Page:
    """Looks, the newest first, of whom and of which kind and day is asked; and whether the log is as it was written."""
    _ = asked._
    wanted = _wanted(asked)
    before = None if asked.exporting else before_of(asked)
    rows = asked.at_once(PAGE)
    found = asked.database.ask(lambda connection: access.newest(connection, wanted, rows + 1, before))
    shown = found[:rows]
    columns = [
        Column("id", _("No."), "number"),
        Column("at", _("When"), "moment"),
        Column("actor", _("Who")),
        Column("kind", _("Kind of look")),
        Column("purpose", _("Purpose")),
        Column("shown", _("What was shown")),
        Column("what", _("What was asked"), "code"),
        Column("rows", _("Rows shown"), "number"),
        Column("as_of", _("As of position"), "number"),
        Column("view", _("Code"), "code"),
    ]
    table = Table("looks", _("Looks, the newest first"), columns, [_row(asked, each) for each in shown])
    whole, digest = _whole(asked) if "check" in asked.args else (None, "")
    return Page(
        "privacy/access_log.html",
        View("access_log", _("Access log"), [table]),
        kinds={kind: _kind(asked, kind) for kind in KINDS},
        wanted=wanted,
        further=shown[-1].id if len(found) > rows else None,
        begin=url_for("privacy.access_log"),
        whole=whole,
        digest=digest,
    )


def _wanted(asked: Asked) -> access.Asked:
    kind = asked.args.get("kind") or None
    if kind not in (None, *KINDS):
        raise Unknown(f"kind: {', '.join(KINDS)}")
    day = asked.args.get("day") or None
    try:
        return access.Asked(asked.args.get("actor") or None, kind, dt.date.fromisoformat(day) if day else None)
    except ValueError:
        raise Unknown("day: as 2024-03-05") from None


def _whole(asked: Asked) -> tuple[bool, str]:
    """Whether every hash of the log is what its content makes it; and the last one, or what is wrong."""
    try:
        found = asked.database.ask(access.verify)
    except Broken as problem:
        return False, str(problem)
    return True, found.hash.hex()


def _row(asked: Asked, look: Look) -> Mapping[str, Cell]:
    return {
        "id": look.id,
        "at": look.at,
        "actor": look.actor,
        "kind": _kind(asked, look.kind),
        "purpose": look.purpose,
        "shown": shown_as(asked, str(look.what.get("page", ""))),
        "what": look.question,
        "view": look.view,
        "rows": look.rows,
        "as_of": look.as_of if look.as_of is not None else look.position,
    }


def shown_as(asked: Asked, page: str) -> str | None:
    """What a page shows, in words; None of what is no page of single women."""
    _ = asked._
    return {
        "arrivals.late": _("Late facts"),
        "arrivals.recorded": _("Recorded events"),
        "arrivals.refused": _("Refused events"),
        "diff.units": _("What made a figure change"),
        "evidence.counts": _("The figures in which an event counts"),
        "evidence.course": _("The course of a participation"),
        "evidence.event": _("An event"),
        "evidence.figure": _("The events behind a figure"),
        "evidence.proof": _("A proof"),
        "privacy.access_log": _("Access log"),
        "privacy.erasure": _("What was destroyed"),
        "privacy.erasures": _("Erasures"),
        "privacy.person": _("What is held of a person"),
        "privacy.proof": _("A proof"),
        "privacy.request_of": _("A request"),
    }.get(page)


def _kind(asked: Asked, kind: str) -> str:
    _ = asked._
    return {"look": _("look"), "export": _("export"), "break_the_glass": _("break the glass")}[kind]
