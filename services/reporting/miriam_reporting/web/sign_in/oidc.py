"""OpenID Connect, by Authlib: the way to the provider, and what its ID token must be before anybody is signed in."""

import logging as standard
from typing import Any
from urllib.parse import urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, session
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from miriam_reporting.web.settings import Provider, Settings

BACK = "/sign-in/back"
_NAME = "provider"
_STATES = f"_state_{_NAME}_"
# Signatures by a key that the provider alone holds: neither `none`, nor a secret that is shared with it.
_SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# By how much the clocks of the two may differ.
_LEEWAY_SECONDS = 60
_PATIENCE_SECONDS = 10


class SignInFailed(Exception):
    """The provider does not answer, or what it answered does not hold. The message holds nothing of any token."""


def install(app: Flask, settings: Settings) -> None:
    """Know the provider, where there is one; it is asked for its addresses when somebody first signs in."""
    provider = settings.provider
    if provider is None:
        return
    # On its debug level it would tell the secrets of each sign-in.
    standard.getLogger("authlib").setLevel(standard.INFO)
    app.extensions["miriam.oidc"] = OAuth(app).register(
        _NAME,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": _PATIENCE_SECONDS,
        },
    )


def to_provider(client: Any, settings: Settings, language: str) -> Response:
    """The way to the provider, with a fresh state, nonce and PKCE challenge; the browser keeps what they answer to.

    Raises SignInFailed.
    """
    for key in [key for key in session if key.startswith(_STATES)]:
        session.pop(key)
    try:
        _metadata(client, settings)
        answer: Response = client.authorize_redirect(settings.url + BACK, ui_locales=language)
    except (OAuthError, RequestException, ValueError, RuntimeError) as error:
        raise SignInFailed(f"the provider cannot be asked: {type(error).__name__}") from error
    return answer


def claims_of_answer(client: Any, settings: Settings) -> dict[str, Any]:
    """What the provider says of who came back: the claims of an ID token whose state, nonce, signature, issuer,
    audience and time hold. Where one that is wanted is not among them, the same subject's userinfo is asked as well.

    Raises SignInFailed.
    """
    assert settings.provider is not None
    try:
        metadata = _metadata(client, settings)
        expected = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": client.client_id},
        }
        token = client.authorize_access_token(claims_options=expected, leeway=_LEEWAY_SECONDS)
        # Authlib's name for the claims of the ID token; there are none where it was not given.
        claims = dict(token["userinfo"])
        wanted = (settings.provider.role_claim, settings.provider.cpas_claim, "preferred_username")
        if "userinfo_endpoint" in metadata and any(claim(claims, each) is None for each in wanted):
            more = dict(client.userinfo(token=token))
            if more.get("sub") != claims["sub"]:
                raise SignInFailed("userinfo is of another subject than the ID token")
            claims = {**more, **claims}
    except (OAuthError, JoseError, RequestException, KeyError, ValueError, RuntimeError) as error:
        # The text of the error may hold what was sent.
        raise SignInFailed(f"the answer does not hold: {type(error).__name__}") from error
    return claims


def claim(claims: dict[str, Any], name: str) -> Any:
    """A claim by its name; where none is called so, by its path (`realm_access.roles`). None where there is none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def out_of_provider(client: Any, settings: Settings) -> str | None:
    """Where somebody signs out of the provider too and comes back from; None where it offers none.

    No token is kept after the sign-in, so the provider asks whether that is meant.
    """
    try:
        address = _metadata(client, settings).get("end_session_endpoint")
    except (SignInFailed, RequestException, ValueError):
        return None
    if not address:
        return None
    asked = {"client_id": client.client_id, "post_logout_redirect_uri": f"{settings.url}/"}
    return str(add_params_to_uri(address, list(asked.items())))


def _metadata(client: Any, settings: Settings) -> dict[str, Any]:
    """What the provider tells of itself; the issuer must be the one that was set, and addresses must be safe."""
    assert settings.provider is not None
    told: dict[str, Any] = client.load_server_metadata()
    try:
        _check(told, settings.provider)
    except SignInFailed:
        # Asked again next time: it may have been mended.
        told.pop("_loaded_at", None)
        raise
    told["id_token_signing_alg_values_supported"] = list(_SIGNATURES)
    return told


def _check(told: dict[str, Any], provider: Provider) -> None:
    if str(told.get("issuer", "")).rstrip("/") != provider.issuer:
        raise SignInFailed("the provider calls itself another issuer than MIRIAM_OIDC_ISSUER")
    if not provider.insecure:
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(str(told.get(name, ""))).scheme != "https":
                raise SignInFailed(f"{name} of the provider is not https")
