"""What browsers are told to refuse: anything that does not come from these pages, and being shown inside others."""

from flask import Flask, request, session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

_PAGES = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# Pictures carry their style in themselves, and nothing else.
_PICTURES = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def install(app: Flask, *, secure: bool) -> None:
    """Add the headers to every answer. `secure`: browsers come over TLS, and shall never come otherwise."""

    @app.before_request
    def sound() -> None:
        # PostgreSQL has no such character: what holds one would fail somewhere, and tell the log what was asked.
        told = (request.path, *request.args.values(), *request.form.values())
        if any("\x00" in text for text in told):
            raise BadRequest("the address or the form holds a character that no text has (0)")

    @app.after_request
    def headed(response: Response) -> Response:
        told = response.headers
        told.setdefault("Content-Security-Policy", _PICTURES if response.mimetype == "image/svg+xml" else _PAGES)
        # What no page or picture has decided for itself, as an error: it names who is signed in.
        told.setdefault("Cache-Control", "no-store")
        if session.modified and "public" in told["Cache-Control"]:
            # With the answer goes a cookie, which is nobody else's: no shared cache may hand it on.
            told["Cache-Control"] = "no-store"
        told["X-Content-Type-Options"] = "nosniff"
        told["X-Frame-Options"] = "DENY"
        # The own pages may know where a form was sent from; others learn nothing.
        told["Referrer-Policy"] = "same-origin"
        told["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        told["Cross-Origin-Opener-Policy"] = "same-origin"
        told["Cross-Origin-Resource-Policy"] = "same-origin"
        if secure:
            told["Strict-Transport-Security"] = "max-age=31536000"
        return response
