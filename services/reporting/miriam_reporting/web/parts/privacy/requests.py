"""The register of requests: all of them with their deadlines, one with its steps, and entering a new one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from miriam_reporting.privacy import register, telling
from miriam_reporting.privacy.codes import ERASURE_GROUNDS, EXTENSION_REASONS, REFUSAL_GROUNDS, RIGHTS, emitted
from miriam_reporting.privacy.domain import Problem, Step
from miriam_reporting.privacy.erasures import erasures_of
from miriam_reporting.privacy.register import Kept, StepRefused
from miriam_reporting.privacy.women import records_of
from miriam_reporting.privacy.words import article, told, word
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.privacy.part import PART
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import Cell, Column, Link, Table, View

OFFICER = (Role.DPO,)
PAGE = 50


@PART.page("/privacy/requests", roles=OFFICER)
def requests(asked: Asked) -> Page:
    """Every request with its deadline: those that wait first."""
    return _requests(asked, [])


@PART.action("/privacy/requests", roles=OFFICER)
def add_request(asked: Asked) -> Response:
    """Enter a request; where it is refused, the same page says why and keeps what was typed."""
    try:
        day = day_of(asked.form.get("received_on", ""))
        step = Step("received", day, {"right": asked.form.get("right", "")})
        with asked.database.transaction() as connection:
            added = register.add(connection, asked.form.get("reference", "").strip(), step, asked.viewer.actor)
    except StepRefused as refused:
        page = _requests(asked, refused.problems)
        html = render_template(page.template, view=page.view, asked=asked, **page.more)
        return Response(html, 422, content_type="text/html; charset=utf-8")
    return redirect(url_for("privacy.request_of", reference=added.reference), 303)


@PART.page("/privacy/requests/<reference>", roles=OFFICER, look="request")
def request_of(asked: Asked, reference: str) -> Page:
    """One request: where it stands, each step, and the steps that can be taken."""
    _ = asked._
    kept = asked.database.ask(lambda connection: register.request_of(connection, reference))
    if kept is None:
        raise Unknown(f"request {reference}", asked._("There is no request of that reference."))
    persons = kept.request.persons
    linked, erased = asked.database.ask(
        lambda connection: (
            sorted({other for person in persons for other in records_of(connection, person)} - {*persons}),
            {each.person for each in erasures_of(connection, persons)},
        )
    )
    tables = [table_of(asked, [kept], _("The request")), _steps(asked, kept)]
    title = _("Request %(reference)s") % {"reference": reference}
    return Page(
        "privacy/request.html",
        View("request", title, tables),
        kept=kept,
        linked=linked,
        erased=erased,
        left=telling.left(asked.language, kept.request, register.today()),
        overdue=(kept.request.days_left(register.today()) or 0) < 0,
        **choices(asked, kept),
    )


def choices(asked: Asked, kept: Kept) -> dict[str, Any]:
    """What the forms of a request's steps offer, each code with its words and article."""
    language, request = asked.language, kept.request
    today = register.today()
    erasure = request.right == "erasure"
    return {
        "today": today,
        "may_extend": request.state == "open" and today <= request.first_deadline,
        "extension_reasons": {
            code: f"{word(language, 'extension_reason', code)} ({article(language, number)})"
            for code, number in EXTENSION_REASONS.items()
        },
        "erasure_grounds": {code: telling.ground(language, "erasure", "done", code) for code in ERASURE_GROUNDS}
        if erasure
        else {},
        "refusal_grounds": {
            code: telling.ground(language, request.right, "refused", code) for code in REFUSAL_GROUNDS[request.right]
        },
        "emitted": {code: emitted(code) for code in ERASURE_GROUNDS},
    }


def before_of(asked: Asked) -> int | None:
    """The number before which a list goes on; what is no number is as if it were not there."""
    told = asked.args.get("before", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 18 else None


def day_of(text: str) -> dt.date:
    """A day that a form names. Raises StepRefused."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise StepRefused([Problem("on", "bad_day")]) from None


def table_of(asked: Asked, found: Sequence[Kept], title: str) -> Table:
    """Requests, a row each, with what is left of their time in words."""
    _, language, today = asked._, asked.language, register.today()
    rows: list[Mapping[str, Cell]] = [
        {
            "reference": Link(each.reference, url_for("privacy.request_of", reference=each.reference)),
            "right": word(language, "right", each.request.right),
            "article": article(language, RIGHTS[each.request.right]),
            "received_on": each.request.received_on,
            "state": word(language, "state", each.request.state),
            "deadline": each.request.deadline,
            "left": telling.left(language, each.request, today),
        }
        for each in found
    ]
    columns = [
        Column("reference", _("Reference")),
        Column("right", _("What she asks for")),
        Column("article", _("Article")),
        Column("received_on", _("Received on"), "date"),
        Column("state", _("State")),
        Column("deadline", _("Answer until"), "date"),
        Column("left", _("Time left")),
    ]
    return Table("requests", title, columns, rows)


def _requests(asked: Asked, problems: Sequence[Problem]) -> Page:
    _ = asked._
    found = asked.database.ask(register.requests)
    at = max(asked.args.get("page", 1, int), 1)
    shown = found[(at - 1) * PAGE : at * PAGE]
    view = View("requests", _("Requests of persons"), [table_of(asked, shown, _("Requests of persons"))])
    rights = {
        code: f"{word(asked.language, 'right', code)} ({article(asked.language, RIGHTS[code])})" for code in RIGHTS
    }
    return Page(
        "privacy/requests.html",
        view,
        page=at,
        pages_there=-(-len(found) // PAGE),
        page_address=lambda page: url_for("privacy.requests", page=page),
        waiting=sum(each.request.closed_on is None for each in found),
        rights=rights,
        today=register.today(),
        problems=[told(asked.language, each) for each in problems],
        wrong={each.field for each in problems},
        typed=asked.form,
    )


def _steps(asked: Asked, kept: Kept) -> Table:
    _, language = asked._, asked.language
    rows: list[Mapping[str, Cell]] = [
        {
            "number": taken.number,
            "step": word(language, "step", taken.step.name),
            "on": taken.step.on,
            "says": telling.says(language, kept.request, taken.step) or None,
            "actor": taken.actor,
            "at": taken.at,
        }
        for taken in kept.steps
    ]
    columns = [
        Column("number", _("No."), "number"),
        Column("step", _("Step")),
        Column("on", _("On which day"), "date"),
        Column("says", _("What was said")),
        Column("actor", _("Taken by")),
        Column("at", _("Noted at"), "moment"),
    ]
    return Table("steps", _("Steps"), columns, rows)
