"""One event over HTTP, as a plain function of a request, so that nameko stays in `service.py`.

GET /v1/events/<id>?actor=&purpose=&as_of=        as `miriam audit event --json`

Needs the services' bearer token; `actor` and `purpose` go into the access log before the answer is given.
"""

import hmac

import orjson
from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request, Response

from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem
from miriam_reporting.audit.access import LookRefused, note
from miriam_reporting.audit.event.proving import NotProved
from miriam_reporting.audit.event.story import Story, tell
from miriam_reporting.reports.as_of import BadAsOf, resolve
from miriam_reporting.reports.errors import ReportError

_KNOWN = frozenset({"actor", "purpose", "as_of"})


class EventAnswers:
    """Answers the questions of HTTP clients that show `token`."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def event(self, request: Request, database: Database, event_id: str) -> Response:
        """An event's story. 400, 401, 404, 503 as problems (RFC 9457); 500 where the ledger does not prove it."""
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._expected):
            needed = "a bearer token of the services is needed"
            return _problem(401, "unauthorized", needed, {"WWW-Authenticate": "Bearer"})
        given = request.args
        if not _KNOWN.issuperset(given) or "actor" not in given or "purpose" not in given:
            return _problem(400, "bad_argument", "arguments: actor, purpose, as_of")

        def story(connection: Connection) -> Story:
            return tell(connection, event_id, resolve(connection, given.get("as_of")).position)

        try:
            what = {"http": "event", "event_id": event_id, "as_of": given.get("as_of")}
            note(database, given["actor"], given["purpose"], what)
            found = database.ask(story)
        except LookRefused as wrong:
            return _problem(400, "look_refused", str(wrong))
        except BadAsOf as wrong:
            return _problem(400, wrong.code, str(wrong))
        except ReportError as wrong:
            return _problem(404, wrong.code, str(wrong))
        except NotProved as wrong:
            return _problem(500, "not_proved", str(wrong))
        except LOST:
            return _problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})
        answer = Response(orjson.dumps(found.as_json()), content_type="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    status, told, body = problem(status, code, detail, headers)
    return Response(body, status, told)
