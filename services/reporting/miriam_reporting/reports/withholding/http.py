"""What was published, for anybody, over HTTP: no token, and nothing in it that is withheld.

GET /v1/published                          every publication that the public is given, without figures
GET /v1/published/<report>?publication=    the newest of a report, or that of an event
"""

import orjson
from werkzeug.wrappers import Request, Response

from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem
from miriam_reporting.reports.errors import ReportError
from miriam_reporting.reports.life.errors import Untrue
from miriam_reporting.reports.withholding.public import public_report, public_reports


class PublicAnswers:
    """Answers the questions of anybody."""

    def published(self, request: Request, database: Database) -> Response:
        """Every publication. 400, 500, 503 as problems (RFC 9457)."""
        if request.args:
            return _problem(400, "bad_argument", "no arguments")
        return _answer(database, None, None)

    def one(self, request: Request, database: Database, report: str) -> Response:
        """One publication with its figures. 400, 404, 500, 503 as problems."""
        if set(request.args) - {"publication"}:
            return _problem(400, "bad_argument", "arguments: publication")
        return _answer(database, report, request.args.get("publication"))


def _answer(database: Database, report: str | None, event_id: str | None) -> Response:
    try:
        if report is None:
            text = orjson.dumps({"publications": database.ask(public_reports)})
        else:
            text = orjson.dumps(database.ask(lambda connection: public_report(connection, report, event_id)).as_json())
    except Untrue as wrong:
        return _problem(500, wrong.code, str(wrong))
    except ReportError as wrong:
        return _problem(404, wrong.code, str(wrong))
    except LOST:
        return _problem(503, "unavailable", "the database is away; try again")
    # What is published stays, but which publication is the newest does not.
    return Response(text, 200, {"Cache-Control": "public, max-age=60"}, content_type="application/json")


def _problem(status: int, code: str, detail: str) -> Response:
    status, told, body = problem(status, code, detail, {"Retry-After": "2"} if status == 503 else None)
    return Response(body, status, told)
