"""Between a request and its page: who may see it, why, and what is written down before it is answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.wrappers import Response

from miriam_contracts.ids import holds_national_number
from miriam_platform.pool import Pool
from miriam_reporting.audit import access
from miriam_reporting.audit.access import Shown
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.exports import FORMATS, PDF, bounded, carried, export, export_pdf
from miriam_reporting.web.remembered import Remembered
from miriam_reporting.web.roles import Role
from miriam_reporting.web.settings import Settings
from miriam_reporting.web.sign_in import sessions

if TYPE_CHECKING:
    from miriam_reporting.web.part import Route

# A purpose of an export of figures, in which no single woman is.
_OF_FIGURES = "export of figures"
_ANYBODY = "public.anybody"


class Unknown(NotFound):
    """There is no such edition, report, figure or event: what is meant by it in the program's words, and where a reader
    may come by it, `said` in the reader's.
    """

    def __init__(self, detail: str, said: str = "") -> None:
        super().__init__(detail)
        self.said = said


def page(route: "Route", function: Callable[..., Page], arguments: Mapping[str, Any]) -> Response:
    """Show a page, or export it where `format` says so."""
    wanted = request.args.get("format", "html")
    exporting = wanted != "html"
    exports = (*FORMATS, PDF) if route.pdf else tuple(FORMATS)
    if exporting and wanted not in exports:
        raise Unknown(f"format: html, {', '.join(exports)}")
    asked = _admitted(route, exporting=exporting)
    if isinstance(asked, Response):
        return asked
    found = _run(function, asked, arguments)
    if exporting:
        return _private(_exported(route, asked, arguments, found, wanted), route, asked)
    if route.look:
        _note(route, asked, arguments, Shown(found.view.code, found.view.rows, found.view.position), wanted)
    return _private(shown(found, asked, exports), route, asked)


def shown(found: Page, asked: Asked, exports: Sequence[str] = tuple(FORMATS)) -> Response:
    """A page as HTML; an action answers with it where its form is to be filled in otherwise."""
    html = render_template(found.template, view=found.view, asked=asked, exports=exports, **found.more)
    return Response(html, found.status, content_type="text/html; charset=utf-8")


def resource(route: "Route", function: Callable[..., Response], arguments: Mapping[str, Any]) -> Response:
    """Answer with what the function makes."""
    asked = _admitted(route)
    if isinstance(asked, Response):
        return asked
    found: Response = _run(function, asked, arguments)
    if route.look:
        _note(route, asked, arguments, Shown(route.endpoint, 1), "html")
    return _private(found, route, asked)


def asked_now(purpose: str | None = None, *, exporting: bool = False) -> Asked:
    """The request as pages see it."""
    settings: Settings = current_app.extensions["miriam.settings"]
    pool: Pool = current_app.extensions["miriam.database"]
    layouts: Layouts = current_app.extensions["miriam.layouts"]
    remembered: Remembered = current_app.extensions["miriam.remembered"]
    speaks = g.language, g.words
    return Asked(g.viewer, pool, layouts, remembered, *speaks, request.args, request.form, settings, purpose, exporting)


def _admitted(route: "Route", *, exporting: bool = False) -> Asked | Response:
    viewer = g.viewer
    if viewer.role not in route.roles:
        if viewer.signed_in:
            raise Forbidden
        return redirect(url_for("entrance.sign_in", next=_here()), 303)
    if route.look is None:
        return asked_now(exporting=exporting)
    if g.purpose is None:
        return redirect(url_for("entrance.purpose", next=_here()), 303)
    return asked_now(g.purpose, exporting=exporting)


def _exported(route: "Route", asked: Asked, arguments: Mapping[str, Any], found: Page, wanted: str) -> Response:
    if not found.view.tables:
        raise Unknown("format: this page has no table to export")
    bounded(found.view)
    whole = _run(carried, found.view, {"asked": asked})
    # Made first, so that what is noted was made; answered last, so that what is answered was noted.
    answer = export_pdf(whole, route.pdf, found.more) if wanted == PDF and route.pdf else export(wanted, whole)
    _note(route, asked, arguments, Shown(whole.view.code, whole.view.rows, whole.view.position), wanted)
    return answer


def _here() -> str:
    return request.full_path.rstrip("?")


def _run(function: Callable[..., Any], asked: Any, arguments: Mapping[str, Any]) -> Any:
    try:
        return function(asked, **arguments)
    except ReportError as wrong:
        raise Unknown(str(wrong)) from wrong


def _note(route: "Route", asked: Asked, arguments: Mapping[str, Any], shown: Shown, wanted: str) -> None:
    """Write the look, committed, before anything of it is answered."""
    what: dict[str, Any] = {**_told(), **arguments, "page": route.endpoint}
    breaking = route.look is not None and asked.viewer.role is Role.AUTHORITY
    kind = "break_the_glass" if breaking else "look" if wanted == "html" else "export"
    actor = asked.viewer.actor if asked.viewer.signed_in else _ANYBODY
    try:
        access.note(asked.database, actor, asked.purpose or _OF_FIGURES, what, kind=kind, shown=shown)
    except access.LookRefused as refused:
        raise BadRequest(str(refused)) from refused
    if breaking:
        # The glass is whole again: the next look needs a reason of its own.
        with asked.database.transaction() as connection:
            sessions.set_purpose(connection, g.session, None)


def _told() -> dict[str, str]:
    """What the address says behind its question mark; `?page` is the page of a list, for `page` is which page it is.

    Raises BadRequest where it names a person: it is about to be written down for years.
    """
    # The id of a publication may hold one by chance.
    if any(holds_national_number(value) for name, value in request.args.items() if name != "publication"):
        raise BadRequest("an address names no person: this one holds a national number")
    return {f"?{name}" if name in ("page", "command") else name: value for name, value in request.args.items()}


def _private(answer: Response, route: "Route", asked: Asked) -> Response:
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store" if route.look or asked.viewer.signed_in else "private, no-cache"
    return answer
