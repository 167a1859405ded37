"""Addresses of the page that is shown, with one argument changed: another language, another form, another page."""

from urllib.parse import urlsplit

from flask import Flask, request, url_for

from miriam_reporting.web.exports import FORMATS


def install(app: Flask) -> None:
    """Give templates `language_address`, `export_address`, `same_with` and the names of exports that every page has."""
    app.jinja_env.globals.update(
        language_address=lambda code: same_with(lang=code),
        export_address=lambda form: same_with(format=form),
        same_with=same_with,
        EXPORTS=tuple(FORMATS),
    )


def same_with(**changed: str | int) -> str:
    """The address of this page with these arguments; those that it has stay."""
    told = {name: value for name, value in request.args.items() if name not in ("format", "lang", "failed")}
    if request.endpoint is None or request.method != "GET":
        return f"/?lang={changed['lang']}" if "lang" in changed else "/"
    return url_for(request.endpoint, **{**(request.view_args or {}), **told, **changed})


def own(address: str | None) -> str:
    """An address of these pages; the first page where this is none, or leads elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return "/"
    apart = urlsplit(address)
    return "/" if apart.scheme or apart.netloc else address
