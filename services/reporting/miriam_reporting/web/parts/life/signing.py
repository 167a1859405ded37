"""What a CPAS is asked to sign, and its signature: made by its own key, in its browser or elsewhere."""

from collections.abc import Sequence

from flask import redirect, url_for
from werkzeug.wrappers import Response

from miriam_reporting.reports.life import signing, steps
from miriam_reporting.reports.life import telling as life
from miriam_reporting.reports.life.errors import Refused, UnknownReport
from miriam_reporting.reports.model import Figure
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import shown
from miriam_reporting.web.parts.life.part import PART
from miriam_reporting.web.parts.life.refusing import why
from miriam_reporting.web.parts.life.taking import take
from miriam_reporting.web.parts.outcomes.places import Place, names
from miriam_reporting.web.roles import Role
from miriam_reporting.web.telling import figures_table
from miriam_reporting.web.view import Table, View

SIGNERS = (Role.CPAS,)


@PART.page("/reports/<report>/sign", roles=SIGNERS)
def to_sign(asked: Asked, report: str) -> Page:
    """The figures of this CPAS in the newest draft, as they were kept then, and the form for its signature."""
    return _to_sign(asked, report)


@PART.resource("/reports/<report>/message", roles=SIGNERS)
def message(asked: Asked, report: str) -> Response:
    """The bytes to sign, as a file."""
    found = _asked(asked, report)
    name = f"{report}-{found.cpas}.message"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.message, headers=headers, content_type="application/octet-stream")


@PART.action("/reports/<report>/sign", roles=SIGNERS)
def sign(asked: Asked, report: str) -> Response:
    """Record the signature, which is its own proof: it must be by the key that is registered."""
    found = _asked(asked, report)
    signature = "".join(asked.form.get("signature", "").split()).rstrip("=")
    try:
        take(asked, lambda connection: steps.sign(connection, report, found.cpas, found.key or "", signature))
    except Refused as problem:
        return shown(_to_sign(asked, report, why(problem, asked)), asked)
    return redirect(url_for("life.report", report=report), 303)


def _asked(asked: Asked, report: str) -> signing.Asked:
    return asked.database.ask(lambda connection: signing.asked(connection, report, asked.viewer.cpas or ""))


def _to_sign(asked: Asked, report: str, wrong: tuple[str, ...] = ()) -> Page:
    found = _asked(asked, report)
    told = asked.database.ask(lambda connection: life.one(connection, report))
    own = next((each for each in told["signers"] if each["cpas"] == found.cpas), None)
    if own is None:
        raise UnknownReport(report, ())
    figures = [Figure.from_json(each) for each in found.figures]
    title = asked._("Sign %(report)s") % {"report": report}
    view = View("to_sign", title, _tables(asked, figures), edition=found.edition, position=found.position)
    more = {"found": found, "told": told, "own": own, "wrong": wrong}
    return Page("life/sign.html", view, status=422 if wrong else 200, message=found.message.decode(), **more)


def _tables(asked: Asked, figures: Sequence[Figure]) -> list[Table]:
    """The figures of the CPAS, then those of its projects."""
    title = names(asked).of(Place("cpas", asked.viewer.cpas or ""))
    own = figures_table("own", title, [each for each in figures if each.level == "cpas"], asked)
    of_projects = [each for each in figures if each.level == "project"]
    return [own, figures_table("projects", asked._("By project"), of_projects, asked, "project")]
