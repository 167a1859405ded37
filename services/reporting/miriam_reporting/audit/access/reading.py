"""Reading the access log: forwards from a number, or the newest of what is asked, a page at a time."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

_COLUMNS = "id, at, actor, purpose, what, position, kind, view, rows, as_of"
_NEWEST = f"""
select {_COLUMNS}
  from access.look
 where (%(actor)s::text is null or actor = %(actor)s)
   and (%(kind)s::text is null or kind = %(kind)s)
   and (%(day)s::date is null
        or at >= (%(day)s::date::timestamp at time zone 'Europe/Brussels')
       and at <  ((%(day)s::date + 1)::timestamp at time zone 'Europe/Brussels'))
   and (%(before)s::bigint is null or id < %(before)s)
 order by id desc
 limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: `what` is the question that was asked, `position` the ledger's head then.

    `view`, `rows` and `as_of` are what was shown (`Shown`); None where that was not known when the look was noted.
    """

    id: int
    at: dt.datetime
    actor: str
    purpose: str
    what: Mapping[str, Any]
    position: int
    kind: str = "look"
    view: str | None = None
    rows: int | None = None
    as_of: int | None = None

    @property
    def question(self) -> str:
        """What was asked, in a line: the command or page, then what it was given."""
        given = {name: value for name, value in self.what.items() if value not in (None, "", False, [])}
        asked = [str(given.pop(name)) for name in ("command", "page") if name in given]
        return " ".join([*asked, *(f"{name}={_written(given[name])}" for name in sorted(given))])


@dataclass(frozen=True, slots=True)
class Asked:
    """Which looks are asked for: by whom, of which kind, on which day (in Brussels). None: all."""

    actor: str | None = None
    kind: str | None = None
    day: dt.date | None = None


def looks(connection: Connection, after: int = 0) -> Iterator[Look]:
    """The looks numbered above `after`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} from access.look where id > %s order by id", (after,))
        for row in cursor:
            yield Look(*row)


def newest(connection: Connection, asked: Asked, most: int, before: int | None = None) -> Sequence[Look]:
    """The newest `most` looks of those asked for, newest first; `before`: of those with a smaller number than that."""
    given = {"actor": asked.actor, "kind": asked.kind, "day": asked.day, "before": before, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, given)
        return [Look(*row) for row in cursor]


def _written(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
