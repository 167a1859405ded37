"""Noting a look, in a transaction of its own, before it is answered."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection

from miriam_contracts import ids
from miriam_platform.database import LOST
from miriam_platform.pool import AnyDatabase

# What kind of look: on a page or by a command; as a file; by one who may not look but for a reason given this once.
KINDS = ("look", "export", "break_the_glass")
# The purpose of a look at the rows behind a figure whose reader gave none.
NOT_STATED = "not stated"
_ACTOR = re.compile(r"[a-z]+\.[A-Za-z0-9._@-]{1,64}")
_VIEW = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_LONGEST_PURPOSE = 500
_LONGEST_QUESTION = 4000  # as the table has it, which writes no character more
_NOTE = "select access.look(%s, %s, %s::jsonb, %s, %s, %s, %s)"


class LookRefused(ValueError):
    """The look cannot be noted, so it must not happen. The message says which rule it breaks, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows, and nothing of what stands in it.

    view    its code, as `event` or `register`
    rows    how many rows of it
    as_of   the ledger's position that it is as of; None: as of all that was known then
    """

    view: str
    rows: int
    as_of: int | None = None


def look(
    connection: Connection,
    actor: str,
    purpose: str,
    what: Mapping[str, Any],
    *,
    kind: str = "look",
    shown: Shown | None = None,
) -> int:
    """Note that `actor` (`operator.jan`, `auditor.court`, `cpas.anderlecht`) is about to be shown `what`; its number.

    Committed when this returns, so the answer comes after it, and an answer that fails was asked for all the same.
    `what` is the question: the view or command, edition, place, position; never an answer. `kind` is one of KINDS.
    `shown` is given by whoever has made the answer and holds it back until this returns. Needs a connection outside
    a transaction, and leaves it so. Raises LookRefused for an actor of no such form, an empty purpose, one longer than
    500 characters, a purpose that holds a national number, a question longer than 4,000, a kind or a view of no such
    form; psycopg2.Error where the log cannot be written.
    """
    if connection.info.transaction_status != TRANSACTION_STATUS_IDLE:
        raise ValueError("a look is noted outside any transaction, so that nothing can take it back")
    row = _checked(actor, purpose, what, kind, shown)
    with connection:
        return _write(connection, row)


def note(
    database: AnyDatabase,
    actor: str,
    purpose: str,
    what: Mapping[str, Any],
    *,
    kind: str = "look",
    shown: Shown | None = None,
) -> int:
    """The same as `look` for an answer over HTTP, on a connection that may have been lost while it was idle."""
    row = _checked(actor, purpose, what, kind, shown)
    try:
        with database.transaction() as connection:
            return _write(connection, row)
    except LOST:
        with database.transaction() as connection:
            return _write(connection, row)


def _checked(
    actor: str, purpose: str, what: Mapping[str, Any], kind: str, shown: Shown | None
) -> tuple[str | int | None, ...]:
    """What the database is given. Raises LookRefused."""
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
    if kind not in KINDS:
        raise LookRefused(f"the kind of a look is one of {', '.join(KINDS)}")
    if shown is None:
        return actor, purpose, told, kind, None, None, None
    if not _VIEW.fullmatch(shown.view):
        raise LookRefused("a view is told by its code: small letters, digits, `.`, `_` and `-`, at most 64")
    return actor, purpose, told, kind, shown.view, shown.rows, shown.as_of


def _write(connection: Connection, row: tuple[str | int | None, ...]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, row)
        found = cursor.fetchone()
        assert found is not None
        return int(found[0])
