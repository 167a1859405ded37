"""The newest head that a witness cosigned: what its holder proves things against, while newer heads wait for it.

GET /v1/ledger/cosigned?by=<name of the witness>        a note with all its cosignatures; 404 where it cosigned none
"""

from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request, Response

from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem
from miriam_reporting.ledger import checkpoints

_LONGEST_NAME = 200


def answer(request: Request, database: Database) -> Response:
    """The head as text/plain; 400 without a name, 404, 503 as problems (RFC 9457). No token: heads are public."""
    name = request.args.get("by", "")
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        return _problem(400, "bad_argument", "by: the name of a witness")
    try:
        found = database.ask(lambda connection: newest(connection, name))
    except LOST:
        return _problem(503, "unavailable", "the database is away; try again")
    if found is None:
        return _problem(404, "unknown_checkpoint", "that witness cosigned no head of this log")
    return Response(found.note, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


def newest(connection: Connection, witness: str) -> checkpoints.Signed | None:
    """The largest signed head that a witness cosigned."""
    with connection.cursor() as cursor:
        cursor.execute("select max(size) from ledger.cosignature where name = %s", (witness,))
        row = cursor.fetchone()
    return checkpoints.at(connection, row[0]) if row and row[0] is not None else None


def _problem(status: int, code: str, detail: str) -> Response:
    status, told, body = problem(status, code, detail)
    return Response(body, status, told)
