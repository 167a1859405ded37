"""HTML to PDF by WeasyPrint: what it shows comes from these pages alone, asked for as their reader."""

import contextvars
import io
import threading
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, request
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
from werkzeug.test import run_wsgi_app

from miriam_reporting.web.turns import WITHIN

# A name that no network knows (RFC 2606): relative addresses need one.
_HERE = "http://pages.invalid"
_SHOWN = ("image/svg+xml", "text/css")
# Kept from the request that asks for the PDF: who asks, and from where.
_KEPT = ("HTTP_COOKIE", "HTTP_HOST", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "wsgi.url_scheme")
# It takes a whole processor for some seconds, and WeasyPrint's fonts are one process's.
_ONE_AT_A_TIME = threading.Lock()


class NotShown(RuntimeError):
    """Something that a PDF would show cannot be had; the message names it."""


def rendered(html: str, language: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1), the same bytes for the same page. Raises NotShown."""
    with _ONE_AT_A_TIME:
        try:
            document = HTML(string=html, base_url=f"{_HERE}/", url_fetcher=_Own(language))
            content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
        except FatalURLFetchingError as failed:
            raise NotShown(str(failed)) from failed
    return content


class _Own(URLFetcher):
    """Gives pictures and styles of these pages as their reader is given them; nothing from the network or disk."""

    def __init__(self, language: str) -> None:
        super().__init__(allowed_protocols=())
        self._language = language

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        apart = urlsplit(url)
        if f"{apart.scheme}://{apart.netloc}" != _HERE:
            raise FatalURLFetchingError(f"{url[:100]}: not of these pages")
        query = "&".join(part for part in (apart.query, urlencode({"lang": self._language})) if part)
        status, content_type, content = _asked(apart.path, query)
        if status != 200 or content_type not in _SHOWN:
            raise FatalURLFetchingError(f"{apart.path}: {status} {content_type}")
        return URLFetcherResponse(url, content, {"Content-Type": content_type})


def _asked(path: str, query: str) -> tuple[int, str, bytes]:
    environ: dict[str, Any] = {name: request.environ[name] for name in _KEPT if name in request.environ}
    environ |= {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query}
    environ[WITHIN] = True
    environ |= {"wsgi.input": io.BytesIO(), "wsgi.errors": request.environ["wsgi.errors"]}

    # A request of its own: nothing of it is left in this one.
    parts, status, headers = contextvars.Context().run(run_wsgi_app, current_app.wsgi_app, environ, buffered=True)
    return int(status.split()[0]), headers.get("Content-Type", "").partition(";")[0], b"".join(parts)
