"""For makers: the documents of the contracts, served as they are made, and a page that says what each is for."""

from collections.abc import Mapping

from flask import request, url_for
from werkzeug.wrappers import Response

from miriam_contracts.documents.files import makers
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.part import Part
from miriam_reporting.web.parts.documents.made import document
from miriam_reporting.web.roles import EVERYBODY
from miriam_reporting.web.view import Cell, Column, Link, Table, View

PART = Part("documents")
_SCHEMAS = "schemas/"
_RECORDED = "schemas/recorded/"


@PART.page("/documents", roles=EVERYBODY)
def documents(asked: Asked) -> Page:
    """Which documents there are, and what each is for."""
    _ = asked._
    told = {
        "catalogue.html": _("How to connect, every type of event, field, rule and example: begin here (in English)"),
        "asyncapi.json": _("The broker (AMQP), as AsyncAPI 3"),
        "openapi/door.json": _("The address to which events are sent over HTTP, as OpenAPI 3.1"),
        "openapi/service.json": _("A recording service over HTTP, as OpenAPI 3.1"),
        "openapi/reporting.json": _("Reporting and its ledger over HTTP, as OpenAPI 3.1"),
        "schemas/receipt.json": _("A receipt, as JSON Schema"),
        "vectors.json": _("Signed receipts and a sealed block with invented keys, to try your own code on"),
    }
    first = [_row(place, use) for place, use in told.items()]
    schemas = [place for place in makers() if place.startswith(_SCHEMAS) and place not in told]
    sent = [_row(place, _type(place)) for place in schemas if not place.startswith(_RECORDED)]
    recorded = [_row(place, _type(place)) for place in schemas if place.startswith(_RECORDED)]
    columns = [Column("place", _("Document")), Column("use", _("What it is for"))]
    types = [Column("place", _("Document")), Column("use", _("Type of event"), "code")]
    tables = [
        Table("documents", _("Documents"), columns, first),
        Table("sent", _("What each type of event may say, as it is sent (JSON Schema)"), types, sent),
        Table("recorded", _("The same, as it is recorded and passed on (JSON Schema)"), types, recorded),
    ]
    return Page("documents/documents.html", View("documents", _("For makers of CPAS systems"), tables))


@PART.resource("/documents/<path:place>", roles=EVERYBODY)
def document_at(asked: Asked, place: str) -> Response:
    """One document. Raises Unknown where there is none at that place."""
    if place not in makers():
        raise Unknown(place)
    found = document(place)
    answer = Response(found.content, content_type=found.content_type)
    if request.accept_encodings.quality("gzip"):
        answer.set_data(found.compressed)
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = "public, max-age=300"
    if found.policy:
        answer.headers["Content-Security-Policy"] = found.policy
    # Weak: the packed form is another sequence of bytes.
    answer.set_etag(found.digest, weak=True)
    answer.make_conditional(request.environ)
    return answer


def _row(place: str, use: str) -> Mapping[str, Cell]:
    return {"place": Link(place, url_for("documents.document_at", place=place)), "use": use}


def _type(place: str) -> str:
    return place.rpartition("/")[2].removesuffix(".json")
