"""Diffs over HTTP, as plain functions of a request, so that nameko stays in `service.py`.

GET /v1/editions/<edition>/diff?from=&to=&by=&only=&most=&actor=&purpose=        as `miriam diff --json`

`from` and `to` are positions or days. Needs the services' bearer token: units are single women, under pseudonyms,
so `actor` and `purpose` go into the access log before the answer is given, as for explanations. The ETag holds both
positions and the indicators' definitions.
"""

import hashlib
import hmac

import orjson
from werkzeug.wrappers import Request, Response

from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem
from miriam_reporting.audit.access import LookRefused
from miriam_reporting.reports.as_of import BadAsOf
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.diff.asked import MOST, asked_diff
from miriam_reporting.reports.errors import ReportError, UnknownIndicator
from miriam_reporting.reports.http import noted
from miriam_reporting.reports.model import LEVELS

_KNOWN = frozenset({"from", "to", "by", "only", "most", "actor", "purpose"})


class DiffAnswers:
    """Answers the questions of HTTP clients that show `token`."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def diff(self, request: Request, database: Database, edition: str) -> Response:
        """What changed in an edition. 304 where the client has it, 401, 400, 404, 503 as problems (RFC 9457)."""
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._expected):
            needed = "a bearer token of the services is needed"
            return _problem(401, "unauthorized", needed, {"WWW-Authenticate": "Bearer"})
        given = request.args
        by = given.get("by")
        if not _KNOWN.issuperset(given) or "from" not in given or "to" not in given:
            return _problem(400, "bad_argument", "arguments: from, to, by, only, most")
        if by is not None and by not in LEVELS[1:]:
            return _problem(400, "bad_argument", f"by: {', '.join(LEVELS[1:])}")
        most = given.get("most", str(MOST))
        if not (most.isascii() and most.isdigit() and len(most) <= 9):
            return _problem(400, "bad_argument", "most: how many units of each figure are listed")
        levels = ("total", by) if by else ("total",)
        only = given.getlist("only") or None
        try:
            noted(request, database, {"http": "diff", "edition": edition})
            found = database.ask(
                lambda connection: asked_diff(
                    connection, edition, given["from"], given["to"], levels, only, None, int(most)
                )
            )
        except LookRefused as wrong:
            return _problem(400, "look_refused", str(wrong))
        except (BadAsOf, UnknownIndicator) as wrong:
            return _problem(400, wrong.code, str(wrong))
        except ReportError as wrong:
            return _problem(404, wrong.code, str(wrong))
        except LOST:
            return _problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})
        told = f"{request.path}?{request.query_string.decode()} {found.before.position} {found.after.position}"
        tag = hashlib.sha256(f"{told} {current().digest}".encode()).hexdigest()[:32]
        if request.if_none_match.contains(tag):
            answer = Response(status=304)
        else:
            answer = Response(orjson.dumps(found.as_json()), content_type="application/json")
        answer.set_etag(tag)
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer


def _problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    status, told, body = problem(status, code, detail, headers)
    return Response(body, status, told)
