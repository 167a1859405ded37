"""Bearer tokens of the HTTP door, `mrm_<id>_<secret>`: who shows one, and what it lets him do."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_contracts import http_problems
from miriam_platform.pool import AnyDatabase

# For posting events, for asking one's receipts, for reading recorded events by number (auditors).
EMIT, RECEIPTS, EVENTS = "emit", "receipts", "events"

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +mrm_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who showed a token that holds.

    kind     cpas, authority or dpo where he is an emitter that this service knows; else None
    failing  whether attempts of his events are counted, which failed by our own fault
    """

    name: str
    kind: str | None
    failing: bool

    @property
    def source(self) -> str:
        """The source of what he emits."""
        return f"/{self.kind}/{self.name}"


def authenticate(database: AnyDatabase, authorization: str | None, scope: str) -> Holder:
    """The holder of the token in an Authorization header.

    Raises HttpProblem: 401 for no token, an unknown one, one that has ended or was revoked; 403 where it does not hold
    for `scope`. Raises what the database raises.
    """
    shown = _BEARER.fullmatch(authorization or "")
    if shown is None:
        raise http_problems.unauthorized("Authorization: Bearer mrm_<id>_<secret> is needed")
    given, hashed = shown[1], hashlib.sha256(shown[2].encode()).digest()

    def find(connection: Connection) -> tuple[str, bytes, list[str], bool, bool, str | None, bool] | None:
        with connection.cursor() as cursor:
            cursor.execute("select * from door.find_token(%s)", (given,))
            return cursor.fetchone()

    found = database.ask(find)
    # In constant time, and also where there is none: neither may be told by how long the answer takes.
    same = hmac.compare_digest(hashed, bytes(found[1]) if found else bytes(len(hashed)))
    if found is None or not same:
        raise http_problems.unauthorized("this token is not known here")
    holder, _, scopes, expired, revoked, kind, failing = found
    if revoked or expired:
        what = "was revoked" if revoked else "has expired"
        raise http_problems.unauthorized(f"this token {what}; ask the programme's authority for another one")
    if scope not in scopes:
        raise http_problems.scope_missing(scope)
    return Holder(holder, kind, failing)
