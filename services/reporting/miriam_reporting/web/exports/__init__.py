"""A page's content in other forms, by the name that `?format=` gives them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import UnprocessableEntity
from werkzeug.wrappers import Response

from miriam_reporting.web.asked import MOST_ROWS
from miriam_reporting.web.exports import as_csv, as_json, as_pdf, as_xlsx
from miriam_reporting.web.exports.carried import Carried, carried
from miriam_reporting.web.view import View

# Of every view.
FORMATS: Mapping[str, tuple[str, Callable[[Carried], bytes]]] = {
    "csv": (as_csv.CONTENT_TYPE, as_csv.written),
    "xlsx": (as_xlsx.CONTENT_TYPE, as_xlsx.written),
    "json": (as_json.CONTENT_TYPE, as_json.written),
}
# Of pages that have a template for it.
PDF = "pdf"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


class TooLong(UnprocessableEntity):
    """More rows than an export has."""


def bounded(view: View) -> None:
    """Raises TooLong for a view of more than MOST_ROWS rows."""
    if view.rows > MOST_ROWS:
        raise TooLong(f"an export has {MOST_ROWS:,} rows at most; this one would have {view.rows:,}")


def export(form: str, whole: Carried) -> Response:
    """The view in one of FORMATS, as a file to be kept."""
    content_type, write = FORMATS[form]
    return as_file(write(whole), content_type, whole.view, form)


def export_pdf(whole: Carried, template: str, more: Mapping[str, Any]) -> Response:
    """The page as a PDF, by its template. Raises NoPdf, NotShown."""
    return as_file(as_pdf.written(whole, template, more), as_pdf.CONTENT_TYPE, whole.view, PDF)


def as_file(content: bytes, content_type: str, view: View, ending: str) -> Response:
    """An answer that browsers save, under a name that says of what it is."""
    parts = (view.code, view.edition, str(view.position))
    name = _NOT_IN_NAMES.sub("-", "-".join(part for part in parts if part))
    headers = {"Content-Disposition": f'attachment; filename="miriam-{name}.{ending}"'}
    return Response(content, headers=headers, content_type=content_type)


__all__ = ["FORMATS", "MOST_ROWS", "PDF", "Carried", "TooLong", "as_file", "bounded", "carried", "export", "export_pdf"]
