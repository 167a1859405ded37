"""The access log: every look at person-level data, with its reason, noted before it is answered."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection

from miriam_contracts import ids
from miriam_platform.database import LOST, Database

_ACTOR = re.compile(r"[a-z]+\.[A-Za-z0-9._@-]{1,64}")
_LONGEST_PURPOSE = 500
_LONGEST_QUESTION = 4000  # as the table has it, which writes no character more
# The purpose of a look at the rows behind a figure whose reader gave none.
NOT_STATED = "not stated"


class LookRefused(ValueError):
    """The look cannot be noted, so it must not happen. The message says which rule it breaks, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: `what` is the question that was asked, `position` the ledger's head then."""

    id: int
    at: datetime
    actor: str
    purpose: str
    what: Mapping[str, Any]
    position: int


def look(connection: Connection, actor: str, purpose: str, what: Mapping[str, Any]) -> int:
    """Note that `actor` (`operator.jan`, `auditor.court`, `cpas.anderlecht`) is about to be shown `what`; its number.

    Committed when this returns, so the answer comes after it, and an answer that fails was asked for all the same.
    `what` is the question: the view or command, edition, place, position; never an answer. Needs a connection outside
    a transaction, and leaves it so. Raises LookRefused for an actor of no such form, an empty purpose, one longer than
    500 characters, a purpose that holds a national number, a question longer than 4,000; psycopg2.Error where the log
    cannot be written.
    """
    if not _ACTOR.fullmatch(actor):
        raise LookRefused("an actor is a kind and a name, as `operator.jan`")
    purpose = purpose.strip()
    if not purpose:
        raise LookRefused("a look at data of persons needs a purpose")
    if len(purpose) > _LONGEST_PURPOSE:
        raise LookRefused(f"a purpose has at most {_LONGEST_PURPOSE} characters")
    if ids.holds_national_number(purpose):
        raise LookRefused("a purpose names no person: it holds a national number")
    if len(told := json.dumps(what)) > _LONGEST_QUESTION:
        raise LookRefused(f"a question that is noted has at most {_LONGEST_QUESTION} characters")
    if connection.info.transaction_status != TRANSACTION_STATUS_IDLE:
        raise ValueError("a look is noted outside any transaction, so that nothing can take it back")
    with connection, connection.cursor() as cursor:
        cursor.execute("select access.look(%s, %s, %s::jsonb)", (actor, purpose, told))
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def note(database: Database, actor: str, purpose: str, what: Mapping[str, Any]) -> int:
    """The same as `look` for an answer over HTTP, on a connection that may have been lost while it was idle."""
    try:
        return look(database.connection(), actor, purpose, what)
    except LOST:
        database.close()
        return look(database.connection(), actor, purpose, what)


def looks(connection: Connection, after: int = 0) -> Iterator[Look]:
    """The looks numbered above `after`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, at, actor, purpose, what, position from access.look where id > %s order by id", (after,)
        )
        for row in cursor:
            yield Look(*row)
