"""Addresses of the page that is shown, with one argument changed: another language, another form, another page."""

from urllib.parse import urlsplit

from flask import Flask, request, url_for

from miriam_reporting.web.exports import FORMATS

# The last is no argument to Flask: as those that begin with `_`, it says how an address is made, as `_scheme`.
_NOT_KEPT = ("format", "lang", "failed", "endpoint")


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
    told = {name: value for name, value in request.args.items() if name not in _NOT_KEPT and name[:1] != "_"}
    if request.endpoint is None or request.method != "GET":
        return f"/?lang={changed['lang']}" if "lang" in changed else "/"
    return url_for(request.endpoint, **{**told, **(request.view_args or {}), **changed})


def own(address: str | None) -> str:
    """An address of these pages; the first page where this is none, or leads elsewhere."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return "/"
    # Browsers leave out some of these and take `\\` for `/`, so that `/<tab>\\elsewhere` is not what it looks like.
    if any(letter < " " or letter in "\\\x7f" for letter in address):
        return "/"
    apart = urlsplit(address)
    return "/" if apart.scheme or apart.netloc else address
