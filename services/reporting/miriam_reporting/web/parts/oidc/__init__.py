"""Signing in at one's own organisation: to its OpenID provider, and back from it."""

from typing import Any

from flask import current_app, redirect, session, url_for
from werkzeug.wrappers import Response

from miriam_platform import logging
from miriam_reporting.web.addresses import own
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import EVERYBODY
from miriam_reporting.web.sign_in import sessions
from miriam_reporting.web.sign_in.browser import begin as keep_session
from miriam_reporting.web.sign_in.claims import NoRoleHere, is_registered, viewer_of
from miriam_reporting.web.sign_in.oidc import BACK, SignInFailed, claims_of_answer, out_of_provider, to_provider

PART = Part("oidc")
log = logging.get(__name__)


@PART.resource("/sign-in/with", roles=EVERYBODY)
def begin(asked: Asked) -> Response:
    """Off to the provider; `next` is where to go after."""
    client = _client()
    try:
        answer = to_provider(client, asked.settings, asked.language)
    except SignInFailed as failed:
        return _failed("provider", str(failed))
    session["next"] = own(asked.args.get("next"))
    return answer


@PART.resource(BACK, roles=EVERYBODY)
def back(asked: Asked) -> Response:
    """Back from the provider: signed in, or told why not."""
    client, provider = _client(), asked.settings.provider
    assert provider is not None
    next_ = own(session.pop("next", None))
    try:
        claims = claims_of_answer(client, asked.settings)
        viewer = viewer_of(
            claims,
            provider,
            asked.settings.secret,
            lambda cpas: asked.database.ask(lambda connection: is_registered(connection, cpas)),
        )
    except SignInFailed as failed:
        return _failed("provider", str(failed))
    except NoRoleHere as none:
        return _failed(none.why, f"its claims give no {none.why} that is known here")
    with asked.database.transaction() as connection:
        text = sessions.by_provider(connection, viewer)
    keep_session(text)
    return redirect(next_, 303)


@PART.resource("/sign-out/with", roles=EVERYBODY)
def out(asked: Asked) -> Response:
    """Off to the provider, to be signed out there as well."""
    return redirect(out_of_provider(_client(), asked.settings) or "/", 303)


def _client() -> Any:
    client = current_app.extensions.get("miriam.oidc")
    if client is None:
        raise Unknown("no OpenID provider is set up: MIRIAM_OIDC_ISSUER")
    return client


def _failed(why: str, told: str) -> Response:
    log.warning("sign-in by the provider failed", why=told)
    return redirect(url_for("entrance.sign_in", failed=why), 303)
