"""Coming in and going: signing in, saying why, signing out; the accessibility statement; whether the pages live."""

from flask import current_app, g, redirect, url_for
from werkzeug.wrappers import Response

from miriam_contracts import ids
from miriam_reporting.web.addresses import own
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import EVERYBODY, SIGNED_IN, Role
from miriam_reporting.web.sign_in import sessions
from miriam_reporting.web.sign_in.browser import begin, forget
from miriam_reporting.web.view import View

PART = Part("entrance")
_LONGEST_PURPOSE = 500


@PART.resource("/healthz", roles=EVERYBODY)
def healthz(asked: Asked) -> Response:
    """200 while the database answers."""
    asked.database.ask(lambda connection: connection.cursor().execute("select 1"))
    return Response('{"status": "ok"}\n', content_type="application/json")


@PART.resource("/", roles=EVERYBODY)
def home(asked: Asked) -> Response:
    """Where each role begins."""
    first = {
        Role.PUBLIC: "published.reports",
        Role.DPO: "privacy.requests",
        Role.OPERATOR: "services.services",
    }.get(asked.viewer.role, "report.editions")
    return redirect(url_for(first if first in current_app.view_functions else "entrance.sign_in"), 303)


@PART.page("/sign-in", roles=EVERYBODY)
def sign_in(asked: Asked) -> Page:
    """How to sign in."""
    view = View("sign_in", asked._("Sign in"), ())
    return Page("entrance/sign_in.html", view, next=own(asked.args.get("next")), provider=asked.settings.provider)


@PART.page("/sign-in/<link>", roles=EVERYBODY)
def follow(asked: Asked, link: str) -> Page:
    """A one-time link: it is used by a button, so that a program which looks at links does not use it up."""
    return Page("entrance/link.html", View("link", asked._("Sign in"), ()), link=link)


@PART.action("/sign-in/<link>", roles=EVERYBODY)
def use(asked: Asked, link: str) -> Response:
    """Sign in by a one-time link."""
    with asked.database.transaction() as connection:
        found = sessions.by_link(connection, link)
    if found is None:
        return redirect(url_for("entrance.sign_in", failed="link"), 303)
    begin(found[0])
    return redirect(url_for("entrance.home"), 303)


@PART.action("/sign-out", roles=SIGNED_IN)
def sign_out(asked: Asked) -> Response:
    """End the session, here and for whoever else has its cookie."""
    with asked.database.transaction() as connection:
        sessions.end(connection, g.session)
    forget()
    by_provider = g.way == "oidc"
    return redirect(url_for("entrance.sign_in", out="provider") if by_provider else url_for("entrance.home"), 303)


@PART.page("/purpose", roles=(Role.CPAS, Role.AUTHORITY, Role.AUDITOR, Role.DPO))
def purpose(asked: Asked) -> Page:
    """Why data of single women are looked at: asked before the first of them is shown."""
    view = View("purpose", asked._("Why do you look?"), ())
    breaking = asked.viewer.role is Role.AUTHORITY
    return Page("entrance/purpose.html", view, next=own(asked.args.get("next")), breaking=breaking)


@PART.action("/purpose", roles=(Role.CPAS, Role.AUTHORITY, Role.AUDITOR, Role.DPO))
def keep_purpose(asked: Asked) -> Response:
    """Keep the purpose for half an hour; each look is noted with it."""
    told, next_ = asked.form.get("purpose", "").strip(), own(asked.form.get("next"))
    if not told or len(told) > _LONGEST_PURPOSE or ids.holds_national_number(told):
        return redirect(url_for("entrance.purpose", next=next_, failed="purpose"), 303)
    with asked.database.transaction() as connection:
        sessions.set_purpose(connection, g.session, told)
    return redirect(next_, 303)


@PART.page("/accessibility", roles=EVERYBODY)
def accessibility(asked: Asked) -> Page:
    """The accessibility statement."""
    return Page("entrance/accessibility.html", View("accessibility", asked._("Accessibility statement"), ()))
