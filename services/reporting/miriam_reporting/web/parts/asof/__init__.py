"""An edition as it was known at an earlier position or day: the report of then, and a slider over the history."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.as_of import BadAsOf, NoCheckpointYet
from miriam_reporting.reports.errors import PositionBeyondHead, UnknownEdition
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.history import Moment, moments
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.outcomes.scene import scene
from miriam_reporting.web.parts.outcomes.sections import (
    distance_section,
    exits_section,
    goals_section,
    progress_section,
)
from miriam_reporting.web.parts.outcomes.whole import every_figure, headlines, levels
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import view_of
from miriam_reporting.web.topics import topics
from miriam_reporting.web.unanswered import unanswered
from miriam_reporting.web.view import View

PART = Part("asof")
# How many moments near the one that is shown are made ready.
_NEXT = 4


@PART.page("/editions/<edition>/history", roles=(Role.CPAS, Role.AUTHORITY, Role.AUDITOR))
def history(asked: Asked, edition: str) -> Page:
    """The report as of `?as_of=`, a position or a day; without it as it is known now."""
    _ = asked._
    as_of = asked.args.get("as_of") or None
    known = asked.database.ask(lambda connection: moments(connection, edition))
    title = _("Edition %(edition)s as it was known") % {"edition": edition}
    form: dict[str, Any] = {"edition": edition, "topics": topics(asked, edition), "chosen": as_of or ""}
    try:
        found = scene(asked, edition, tuple(indicators()))
    except (BadAsOf, NoCheckpointYet, PositionBeyondHead, UnknownEdition) as problem:
        if as_of is None or not known:
            raise
        form |= {"choices": _choices(known, 0, None, asked), "wrong": unanswered(problem, asked)}
        return Page("asof/history.html", View("history", title, (), edition=edition), status=422, **form)
    report = found.report
    asked.remembered.expect(edition, _beside(known, report.position))
    sections = [progress_section(found), distance_section(found, {}), goals_section(found), exits_section(found)]
    since: dict[str, Any] = {"edition": edition, "from": report.position}
    return Page(
        "asof/history.html",
        view_of(report, "history", title, [every_figure(found), *(each.table for each in sections)]),
        **form,
        wrong=None,
        headlines=headlines(found),
        sections=sections,
        levels=levels(found),
        choices=_choices(known, report.position, as_of, asked),
        label=_chosen(report.position, as_of, report.answered.day if report.answered else None, asked),
        changed=url_for("diff.diff", **since) if as_of else None,
    )


def _beside(known: Sequence[Moment], position: int) -> list[int]:
    """The moments to which a reader may move next, the nearest last."""
    others = (each.position for each in known if each.position != position)
    return sorted(others, key=lambda each: -abs(each - position))[-_NEXT:]


def _choices(known: Sequence[Moment], position: int, as_of: str | None, asked: Asked) -> list[tuple[str, str]]:
    """What is offered, the oldest first; with what is shown in its place, where it is none of these."""
    told = [(each.position, each.as_of, _label(each, asked)) for each in known]
    if as_of is not None and as_of not in {each.as_of for each in known}:
        named = as_of if "-" not in as_of else asked.format.date(as_of)
        told.append((position, as_of, named))
    return [(value, name) for _, value, name in sorted(told)]


def _label(moment: Moment, asked: Asked) -> str:
    _ = asked._
    told = {"position": asked.format.number(moment.position)}
    if moment.is_day:
        return _("%(day)s (position %(position)s)") % {"day": asked.format.date(moment.as_of), **told}
    return _("position %(position)s (%(moment)s)") % {"moment": asked.format.moment(moment.at), **told}


def _chosen(position: int, as_of: str | None, day: str | None, asked: Asked) -> str:
    _ = asked._
    told = {"position": asked.format.number(position)}
    if as_of is None:
        return _("As known now, at position %(position)s of the ledger") % told
    if day is None:
        return _("As known at position %(position)s of the ledger") % told
    if day != as_of:
        told |= {"day": asked.format.date(as_of), "signed": asked.format.date(day)}
        return _("As known on %(day)s: the last checkpoint before is of %(signed)s, at position %(position)s") % told
    return _("As known on %(day)s, at position %(position)s of the ledger") % {"day": asked.format.date(day), **told}
