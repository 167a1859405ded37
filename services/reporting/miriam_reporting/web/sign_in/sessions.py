"""Sessions: kept in the database under the hash of what the browser holds, so they end at once where they are ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.web.roles import Role, Viewer

LASTING = "10 hours"
IDLE = "2 hours"
PURPOSE_LASTING = "30 minutes"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; `purpose` is None where none was told, or it is too long ago."""

    viewer: Viewer
    way: str
    expires_at: datetime
    purpose: str | None = None


def hashed(text: str) -> bytes:
    """What the database knows of a link or a session."""
    return hashlib.sha256(text.encode()).digest()


def by_link(connection: Connection, link: str) -> tuple[str, Session] | None:
    """Use a one-time link: the text that the browser is to keep, and the session. None where the link does not hold."""
    text = secrets.token_urlsafe(32)
    with connection.cursor() as cursor:
        cursor.execute("select * from pages.use_link(%s, %s, %s)", (hashed(link), hashed(text), LASTING))
        found = _session(cursor)
    return None if found is None else (text, found)


def by_provider(connection: Connection, viewer: Viewer) -> str:
    """Open a session for somebody whom the OpenID provider named; the text that the browser is to keep."""
    text = secrets.token_urlsafe(32)
    values = (hashed(text), viewer.role.value, viewer.name, viewer.cpas, LASTING)
    with connection.cursor() as cursor:
        cursor.execute("select pages.open_session(%s, %s, %s, %s, %s)", values)
    return text


def seen(connection: Connection, text: str) -> Session | None:
    """The session that the browser's text stands for; None where it is over."""
    with connection.cursor() as cursor:
        cursor.execute("select * from pages.seen(%s, %s)", (hashed(text), IDLE))
        return _session(cursor)


def end(connection: Connection, text: str) -> None:
    """Sign out."""
    with connection.cursor() as cursor:
        cursor.execute("select pages.end_session(%s)", (hashed(text),))


def set_purpose(connection: Connection, text: str, purpose: str | None) -> None:
    """Keep why the session's holder looks at data of single women, for half an hour; None: no reason holds any more."""
    with connection.cursor() as cursor:
        cursor.execute("select pages.set_purpose(%s, %s, %s)", (hashed(text), purpose, PURPOSE_LASTING))


def _session(cursor: Any) -> Session | None:
    row = cursor.fetchone()
    if row is None:
        return None
    told = dict(zip((column.name for column in cursor.description), row, strict=True))
    until = told["purpose_until"]
    believed = until is not None and until > datetime.now(UTC)
    viewer = Viewer(Role(told["role"]), told["name"], told["cpas"])
    return Session(viewer, told["way"], told["expires_at"], told["purpose"] if believed else None)
