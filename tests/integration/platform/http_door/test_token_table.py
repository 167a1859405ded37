"""Tokens as a service holds them: let in by the operator alone, known by a hash, and never another one under one id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

Rows = Callable[..., list[tuple[Any, ...]]]
ADD = "select door.add_token(%s, %s, sha256(%s), %s, %s)"
TOKEN = ("abcdefghij01", "anderlecht", b"secret", ["emit", "receipts"], "2999-01-01T00:00:00Z")


def test_a_token_is_added_once_however_often_it_is_said(rows: Rows) -> None:
    rows(ADD, *TOKEN)
    rows(ADD, *TOKEN)
    assert rows("select id, holder, scopes, revoked_at from door.token") == [(*TOKEN[:2], TOKEN[3], None)]


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_an_id_never_stands_for_another_token(rows: Rows, place: int) -> None:
    rows(ADD, *TOKEN)
    other = (TOKEN[0], "schaerbeek", b"other", ["events"], "2998-01-01T00:00:00Z")
    with pytest.raises(psycopg2.errors.RaiseException, match="token abcdefghij01 is another one"):
        rows(ADD, *TOKEN[:place], other[place], *TOKEN[place + 1 :])


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "short"), (0, "ABCDEFGHIJ01"), (1, "/cpas/anderlecht"), (3, []), (3, ["admin"]), (4, None)],
)
def test_what_is_no_token_is_not_added(rows: Rows, place: int, value: object) -> None:
    with pytest.raises(psycopg2.IntegrityError):
        rows(ADD, *TOKEN[:place], value, *TOKEN[place + 1 :])


def test_a_token_is_revoked_once(rows: Rows) -> None:
    rows(ADD, *TOKEN)
    assert rows("select door.revoke_token(%s)", TOKEN[0]) == [(True,)]
    assert rows("select door.revoke_token(%s)", TOKEN[0]) == [(False,)]
    assert rows("select door.revoke_token('zzzzzzzzzzzz')") == [(False,)]
    assert rows("select count(*) from door.token where revoked_at is not null") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select door.add_token('abcdefghij02', 'mine', sha256('x'), array['events'], 'infinity')",
        "select door.revoke_token('abcdefghij01')",
        "update door.token set revoked_at = null",
        "delete from door.token",
    ],
)
def test_the_application_reads_tokens_and_no_more(rows: Rows, connection: Connection, statement: str) -> None:
    rows(ADD, *TOKEN)
    with connection.cursor() as cursor:
        cursor.execute("select id from door.token")
        assert cursor.fetchall() == [(TOKEN[0],)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
