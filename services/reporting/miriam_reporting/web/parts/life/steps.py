"""What the authority does with a report: draft it, publish or restate it, reopen it."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from miriam_reporting.reports.as_of import resolve
from miriam_reporting.reports.errors import ReportError, UnknownEdition
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.life import telling as life
from miriam_reporting.reports.life.errors import NotCosigned, UnknownReport
from miriam_reporting.reports.life.trust import Trust
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.figures import figures_for
from miriam_reporting.web.guard import shown
from miriam_reporting.web.parts.life import telling
from miriam_reporting.web.parts.life.lives import report_page, reports_page
from miriam_reporting.web.parts.life.office import note, office
from miriam_reporting.web.parts.life.part import PART
from miriam_reporting.web.parts.life.refusing import why
from miriam_reporting.web.parts.life.taking import take
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import figures_table, view_of
from miriam_transparency.keys import KeyFileError

AUTHORITY = (Role.AUTHORITY,)


@PART.action("/reports", roles=AUTHORITY)
def draft(asked: Asked) -> Response:
    """Draft an edition's report at a position or a day; at what is known now where neither is given."""
    edition, as_of = asked.form.get("edition", ""), asked.form.get("as_of", "").strip() or None
    try:
        actor = asked.database.ask(lambda connection: office(connection, edition))
        note(asked, "life.draft", actor, edition=edition, as_of=as_of or "")
        done = take(asked, lambda connection: steps.draft(connection, edition, actor, resolve(connection, as_of)))
    except UnknownEdition:
        raise
    except ReportError as problem:
        return shown(reports_page(asked, why(problem, asked)), asked)
    return _to(str(done.data["report"]))


@PART.page("/reports/<report>/publish", roles=AUTHORITY)
def confirm(asked: Asked, report: str) -> Page:
    """What would become public, before it does."""
    return _confirm(asked, report)


@PART.action("/reports/<report>/publish", roles=AUTHORITY)
def publish(asked: Asked, report: str) -> Response:
    """Publish the draft that was looked at, or restate what was published before."""
    told = asked.database.ask(lambda connection: life.one(connection, report))
    position, digest = asked.form.get("position", ""), asked.form.get("digest", "")
    looked_at = (int(position) if position.isascii() and position.isdigit() and len(position) <= 18 else 0, digest)
    unsigned_reason = asked.form.get("unsigned_reason", "").strip() or None
    because = asked.form.get("reason", "").strip() if told["publications"] else None
    try:
        trust = Trust.of_folder(asked.settings.keys_dir)
        actor = asked.database.ask(lambda connection: office(connection, told["edition"]))
        note(asked, "life.publish", actor, report=report)
        take(
            asked,
            lambda connection: steps.publish(connection, report, actor, trust, unsigned_reason, because, looked_at),
        )
    except KeyFileError as problem:
        return shown(_confirm(asked, report, why(NotCosigned(str(problem)), asked)), asked)
    except UnknownReport:
        raise
    except ReportError as problem:
        return shown(_confirm(asked, report, why(problem, asked)), asked)
    return _to(report)


@PART.action("/reports/<report>/reopen", roles=AUTHORITY)
def reopen(asked: Asked, report: str) -> Response:
    """Reopen a published report; what was published stays as it is."""
    told = asked.database.ask(lambda connection: life.one(connection, report))
    reason = asked.form.get("reason", "").strip()
    try:
        actor = asked.database.ask(lambda connection: office(connection, told["edition"]))
        note(asked, "life.reopen", actor, report=report)
        take(asked, lambda connection: steps.reopen(connection, report, actor, reason))
    except UnknownReport:
        raise
    except ReportError as problem:
        return shown(report_page(asked, report, why(problem, asked)), asked)
    return _to(report)


def _confirm(asked: Asked, report: str, wrong: tuple[str, ...] = ()) -> Page:
    _ = asked._
    told = asked.database.ask(lambda connection: life.one(connection, report))
    if told["status"] != "drafted":
        none = (_("The report has no open draft: there is nothing to publish."),)
        return report_page(asked, report, wrong or none, 422 if wrong else 200)
    found = figures_for(asked, told["edition"], str(told["position"]))
    tables = [
        figures_table("figures", _("The figures of the draft"), found.figures, asked),
        telling.signers_table(told, asked),
    ]
    title = (_("Restate %(report)s") if told["publications"] else _("Publish %(report)s")) % {"report": report}
    view = view_of(found, "to_publish", title, tables)
    return Page("life/confirm.html", view, status=422 if wrong else 200, told=told, wrong=wrong, form=asked.form)


def _to(report: str) -> Response:
    return redirect(url_for("life.report", report=report), 303)
