"""The story of an event, for a reader who may see it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.event import Story, Turn, UnknownEvent, tell
from miriam_reporting.reports.as_of import looking, resolve
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.roles import Role

_CARRIES = """
select exists (
         select from facts.project as p
          where p.project = %(project)s and p.until_position = 9223372036854775807 and not p.retracted
            and (p.cpas = %(cpas)s
                 or exists (select from facts.consortium as c
                             where c.consortium = p.consortium and %(cpas)s = any (c.members) and not c.retracted
                               and c.until_position = 9223372036854775807)))
"""


def story_for(asked: Asked, event: str) -> Story:
    """The story, its chain cut as `as_of` says. What is not a CPAS's own is to it as if it were not there.

    Raises UnknownEvent, BadAsOf, NoCheckpointYet, NotProved.
    """

    def ask(connection: Connection) -> Story:
        found = tell(connection, event, resolve(connection, asked.args.get("as_of") or None).position)
        if asked.viewer.role is Role.CPAS and not _is_own(connection, found, asked.viewer.cpas or ""):
            # In the words of `tell`: others would say that there is one.
            raise UnknownEvent(f"the ledger holds no event {event}")
        return found

    return asked.database.ask(ask)


def payload(turn: Turn) -> Mapping[str, Any]:
    """What an event says; nothing where its body was destroyed."""
    told: Mapping[str, Any] = json.loads(turn.body).get("data", {}) if turn.body else {}
    return told


def _is_own(connection: Connection, story: Story, cpas: str) -> bool:
    """Whether the CPAS said it itself, or the authority said it of that CPAS or its projects alone."""
    turns = (*story.chain, story.event)
    if f"/cpas/{cpas}" in {turn.origin for turn in turns}:
        return True
    if not all((turn.origin or "").startswith("/authority/") for turn in turns):
        return False
    return any(_concerns(connection, turn, cpas) for turn in turns)


def _concerns(connection: Connection, turn: Turn, cpas: str) -> bool:
    if turn.type.split(".")[1] == "edition":
        return True
    for said in _said(turn):
        if said.get("cpas") == cpas or cpas in said.get("members", ()):
            return True
        if "project" in said:
            with looking(connection), connection.cursor() as cursor:
                cursor.execute(_CARRIES, {"project": said["project"], "cpas": cpas})
                (carries,) = cursor.fetchone() or (False,)
                return bool(carries)
    return False


def _said(turn: Turn) -> Iterator[Mapping[str, Any]]:
    told = payload(turn)
    yield told
    if isinstance(told.get("replacement"), dict):
        yield told["replacement"]
