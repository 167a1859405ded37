"""A page as a PDF that can be sent on: by its own template, with all that an export carries."""

from collections.abc import Mapping
from typing import Any

from flask import render_template

from miriam_reporting.web.exports.carried import Carried

CONTENT_TYPE = "application/pdf"


class NoPdf(RuntimeError):
    """The libraries that PDFs are set with are not installed; the message says which."""


def written(carried: Carried, template: str, more: Mapping[str, Any]) -> bytes:
    """The page by this template, as PDF. Raises NoPdf, NotShown."""
    try:
        # When it is first needed: it loads half of a typesetter, and the other pages need none of it.
        from miriam_reporting.web.exports.rendering import rendered
    except OSError as missing:
        raise NoPdf("PDFs need libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0: run `make setup`") from missing
    html = render_template(template, **{**more, "view": carried.view, "asked": carried.asked, "carried": carried})
    return rendered(html, carried.asked.language)
