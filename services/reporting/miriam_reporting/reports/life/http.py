"""Reports over HTTP, as plain functions of a request, so that nameko stays in `service.py`.

GET  /v1/reports?edition=&cpas=            the life of each report; no figure is in it
GET  /v1/reports/<report>?cpas=&figures=   one report; with `cpas` also what that CPAS is asked to sign; with
                                           `figures=published` also what was published last, for the services' token
POST /v1/reports/<report>/signatures       {"cpas", "key", "signature"}: 201 recorded, 200 where it stands already

Reading needs the services' bearer token, or with `cpas` the reading token of that CPAS. A signature needs no token: it
is its own proof, and one that proves nothing is refused.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request, Response

from miriam_contracts import ids
from miriam_contracts.problems import LANGUAGES, describe
from miriam_contracts.reading import reading_token
from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.life import steps, telling
from miriam_reporting.reports.life.errors import MovedOn, Refused, Untrue
from miriam_reporting.reports.life.published import as_published
from miriam_reporting.reports.life.signing import asked

_MOST_BYTES = 4096


class LifeAnswers:
    """Answers the questions of HTTP clients; `token` is the services' bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def reports(self, request: Request, database: Database) -> Response:
        """The life of each report, or of those of an edition. 401, 503 as problems (RFC 9457)."""
        edition = request.args.get("edition")
        return self._answer(
            request, lambda: database.ask(lambda connection: {"reports": telling.lives(connection, edition)})
        )

    def report(self, request: Request, database: Database, report: str) -> Response:
        """One report; for a CPAS with what it is asked to sign. 401, 404, 503 as problems."""
        cpas = request.args.get("cpas")
        figures = request.args.get("figures")
        if figures not in (None, "published"):
            return _problem(400, "bad_argument", "figures: published")

        def ask() -> dict[str, Any]:
            told = database.ask(lambda connection: telling.one(connection, report))
            if cpas is not None:
                told["asked"] = database.ask(lambda connection: asked(connection, report, cpas)).as_json()
            if figures is not None:
                told["published"] = database.ask(lambda connection: as_published(connection, report)).as_json()
            return told

        return self._answer(request, ask)

    def sign(self, request: Request, database: Database, report: str) -> Response:
        """Record a signature. 400, 404, 409, 413, 422, 503 as problems; a refusal has its rules in four languages."""
        given = _signature(request)
        if isinstance(given, Response):
            return given
        try:
            done = _outside(database, lambda connection: steps.sign(connection, report, **given))
        except Refused as refused:
            if [each.code for each in refused.problems] == ["already_signed"]:
                return _json({"report": report, "cpas": given["cpas"], "recorded": False})
            return _refusal(refused)
        except ReportError as wrong:
            return _problem(409 if isinstance(wrong, MovedOn) else 404, wrong.code, str(wrong))
        except LOST:
            return _unavailable()
        told = {"report": report, "cpas": given["cpas"], "recorded": True}
        return _json({**told, "event_id": done.event_id, "sequence": done.sequence}, 201)

    def _answer(self, request: Request, ask: Callable[[], dict[str, Any]]) -> Response:
        if not self._may_read(request):
            return _problem(
                401,
                "unauthorized",
                "the services' bearer token is needed, or with cpas= the reading token of that CPAS",
                {"WWW-Authenticate": "Bearer"},
            )
        try:
            return _json(ask())
        except Untrue as wrong:
            return _problem(500, wrong.code, str(wrong))
        except ReportError as wrong:
            return _problem(404, wrong.code, str(wrong))
        except LOST:
            return _unavailable()

    def _may_read(self, request: Request) -> bool:
        shown = request.headers.get("Authorization", "").encode()
        cpas = request.args.get("cpas")
        accepted = [self._token]
        # What a CPAS reads is its own: never the figures of all.
        if cpas is not None and "figures" not in request.args and ids.EMITTER_PATTERN.fullmatch(cpas):
            accepted.append(reading_token(self._token, cpas))
        # Compared in constant time: the time of an answer must not tell how much of a guess was right.
        return any(hmac.compare_digest(shown, f"Bearer {each}".encode()) for each in accepted)


def _outside(database: Database, work: Callable[[Connection], Any]) -> Any:
    """Do work that begins and ends its own transactions; a connection that was lost while idle is replaced once."""
    try:
        database.ask(lambda connection: None)
        return work(database.connection())
    except LOST:
        database.close()
        raise


def _signature(request: Request) -> dict[str, str] | Response:
    if (request.content_length or 0) > _MOST_BYTES:
        return _problem(413, "too_large", f"a signature has at most {_MOST_BYTES} bytes")
    try:
        # In chunks, its length is not told before: no more of it is read than may be.
        given = orjson.loads(request.stream.read(_MOST_BYTES + 1)[:_MOST_BYTES])
    except (OSError, ValueError):  # it broke off, or is no JSON
        given = None
    names = ("cpas", "key", "signature")
    if (
        not isinstance(given, dict)
        or set(given) != set(names)
        or not all(isinstance(each, str) for each in given.values())
    ):
        return _problem(400, "bad_argument", f"a JSON object of {', '.join(names)}, each a text")
    if not ids.EMITTER_PATTERN.fullmatch(given["cpas"]):
        return _problem(400, "bad_argument", "cpas: the id of a CPAS")
    return given


def _refusal(refused: Refused) -> Response:
    problems = [
        {
            "type": f"urn:miriam:rule:{each.code}",
            "code": each.code,
            "field": each.field,
            "allowed": each.allowed,
            "title": {language: describe(each, language) for language in LANGUAGES},
        }
        for each in refused.problems
    ]
    told = {"type": "urn:miriam:http:refused", "status": 422, "title": "refused", "problems": problems}
    return Response(orjson.dumps(told), 422, content_type="application/problem+json")


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    headers = {"Cache-Control": "private, no-store"}
    return Response(orjson.dumps(value), status, headers, content_type="application/json")


def _unavailable() -> Response:
    return _problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})


def _problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    status, told, body = problem(status, code, detail, headers)
    return Response(body, status, told)
