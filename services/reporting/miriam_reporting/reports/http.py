"""Reports and explanations over HTTP, as plain functions of a request, so that nameko stays in `service.py`.

GET /v1/editions/<edition>/report?as_of=&by=&only=&definitions=&report=    as `miriam report --json`
GET /v1/editions/<edition>/explain/<code>?as_of=&part=&cpas=|project=|region=&definitions=&report=&actor=&purpose=
                                                                           as `miriam explain --json`

`as_of` is a position or a day; `definitions` is `current` or `published` (the newest publication's, or `report`'s).
Both need the services' bearer token: explanations are of single women, under pseudonyms, so `actor` and `purpose` go
into the access log before the answer is given (who gives none is noted as `service.http`, `not stated`). The ETag of an
answer holds its position and the indicators' definitions, so what was answered once need not be computed again.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import orjson
from psycopg2.extensions import connection as Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem
from miriam_reporting.audit.access import NOT_STATED, LookRefused, note
from miriam_reporting.reports.as_of import Answer, BadAsOf, answered, resolve
from miriam_reporting.reports.current import QuickReport
from miriam_reporting.reports.current import report as quick
from miriam_reporting.reports.definitions import CURRENT, Definitions, current
from miriam_reporting.reports.errors import ReportError, RetiredEdition
from miriam_reporting.reports.explain import explain
from miriam_reporting.reports.leaves import located
from miriam_reporting.reports.life.errors import Untrue
from miriam_reporting.reports.life.published import published_definitions
from miriam_reporting.reports.model import LEVELS, Explanation

_BOTH = frozenset({"as_of", "definitions", "report"})
_REPORT = frozenset({"by", "only"}) | _BOTH
_EXPLAIN = frozenset({"part", "actor", "purpose", *LEVELS[1:]}) | _BOTH
BY_HTTP = "service.http"


class BadArgument(ReportError):
    """A query argument that cannot be used."""

    code = "bad_argument"


class ReportAnswers:
    """Answers the questions of HTTP clients that show `token`."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def report(self, request: Request, database: Database, edition: str) -> Response:
        """The figures of an edition. 304 where the client has them, 401, 400, 404, 410, 503 as problems (RFC 9457)."""
        return self._answer(request, database, edition, lambda *asked: _report(request, edition, *asked))

    def explain(self, request: Request, database: Database, edition: str, code: str) -> Response:
        """One figure and its evidence. Statuses as of `report`."""
        what = {"http": "explain", "figure": code}
        return self._answer(request, database, edition, lambda *asked: _explain(request, edition, code, *asked), what)

    def _answer(
        self,
        request: Request,
        database: Database,
        edition: str,
        ask: Callable[[Connection, int | None, Definitions], Answer],
        what: Mapping[str, str] | None = None,
    ) -> Response:
        # Compared in constant time: the time of an answer must not tell how much of a guess was right.
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._expected):
            return _problem(
                401, "unauthorized", "a bearer token of the services is needed", {"WWW-Authenticate": "Bearer"}
            )
        try:
            when = database.ask(lambda connection: resolve(connection, request.args.get("as_of")))
            position = database.ask(_reached) if when.position is None else when.position
            by = database.ask(lambda connection: _definitions(connection, request.args, edition))
            tag = _tag(request, position, by)
            if request.if_none_match.contains(tag):
                return _tagged(Response(status=304), tag)
            if what is not None:
                noted(request, database, {**what, "edition": edition})
            found = database.ask(lambda connection: answered(connection, ask(connection, when.position, by), when))
            # Asked for no position, it is that which the facts have reached by now.
            tag = _tag(request, found.position, by)
        except LookRefused as wrong:
            return _problem(400, "look_refused", str(wrong))
        except Untrue as wrong:
            return _problem(500, wrong.code, str(wrong))
        except (BadArgument, BadAsOf) as wrong:
            return _problem(400, wrong.code, str(wrong))
        except RetiredEdition as gone:
            return _problem(410, gone.code, str(gone))
        except ReportError as wrong:
            return _problem(404, wrong.code, str(wrong))
        except LOST:
            return _problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})
        text = found.as_bytes() if isinstance(found, QuickReport) else orjson.dumps(found.as_json())
        return _tagged(Response(text, content_type="application/json"), tag)


def noted(request: Request, database: Database, what: Mapping[str, str]) -> None:
    """Note a look with what the request says of it, committed when this returns. Raises LookRefused."""
    given = request.args.to_dict()
    actor, purpose = given.pop("actor", BY_HTTP), given.pop("purpose", NOT_STATED)
    note(database, actor, purpose, {**given, **what})


def _report(
    request: Request, edition: str, connection: Connection, as_of: int | None, definitions: Definitions
) -> QuickReport:
    arguments = request.args
    _refuse_others(arguments, _REPORT)
    by = arguments.get("by")
    if by is not None and by not in LEVELS[1:]:
        raise BadArgument(f"by: {', '.join(LEVELS[1:])}")
    only = arguments.getlist("only")
    if unknown := set(only).difference(known := definitions.indicators):
        raise BadArgument(f"only: no indicator {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return quick(connection, edition, as_of, ("total", by) if by else ("total",), only or None, definitions)


def _explain(
    request: Request, edition: str, code: str, connection: Connection, as_of: int | None, definitions: Definitions
) -> Explanation:
    arguments = request.args
    _refuse_others(arguments, _EXPLAIN)
    asked = [(level, arguments[level]) for level in LEVELS[1:] if level in arguments]
    if len(asked) > 1:
        raise BadArgument("a figure is of one cpas, one project or one region")
    level, value = asked[0] if asked else ("total", "")
    found = explain(connection, edition, code, arguments.get("part"), level, value, as_of, definitions)
    return located(connection, found)


def _refuse_others(arguments: MultiDict[str, str], known: frozenset[str]) -> None:
    if any(name not in known for name in arguments):
        raise BadArgument(f"arguments: {', '.join(sorted(known))}")


def _definitions(connection: Connection, arguments: MultiDict[str, str], edition: str) -> Definitions:
    which, report = arguments.get("definitions", CURRENT), arguments.get("report")
    if which == "published":
        return published_definitions(connection, edition, report)
    if which != CURRENT or report is not None:
        raise BadArgument("definitions: current, or published; report: with definitions=published alone")
    return current()


def _reached(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select position from facts.checkpoint")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _tag(request: Request, position: int, definitions: Definitions) -> str:
    asked = f"{request.path}?{request.query_string.decode()} {position} {definitions.digest}"
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    status, told, body = problem(status, code, detail, headers)
    return Response(body, status, told)
