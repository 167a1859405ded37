"""What the ledger and the facts know of what one CPAS sent."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_contracts.identity import recorded_id

# The newest events that are counted by day: so many are read in some tens of milliseconds.
MOST = 3000
# How many days before the last arrival are told.
DAYS = 28
NEWEST = 2**63 - 1

_BY_DAY = """
with newest as (
  select (n.data ->> 'recordedtime')::timestamptz as recorded, n.type, coalesce(n.data -> 'data' ->> 'fact', '') as fact
    from ledger.newest_of_origin(%(origin)s, %(before)s, %(most)s) as n
)
select (recorded at time zone 'Europe/Brussels')::date as day, type, fact, count(*), max(recorded)
  from newest
 group by day, type, fact
 order by day desc, count(*) desc, type, fact
"""
_REFUSED = """
select r.occurred_on, r.service, r.rule, sum(r.refused)::bigint
  from facts.refusal_tally as r
 where r.cpas = %s and r.until_position = 9223372036854775807 and not r.retracted
 group by r.occurred_on, r.service, r.rule
 order by r.occurred_on desc, r.service, r.rule
 limit %s
"""
_COLUMNS = """
e.position, e.event_id::text, e.type, coalesce(e.data -> 'data' ->> 'fact', ''), e.data ->> 'originid',
(e.data ->> 'recordedtime')::timestamptz, e.data -> 'data' ->> 'occurred_on', e.data ->> 'subject'
"""
_PAGE = f"select {_COLUMNS} from ledger.newest_of_origin(%s, %s, %s) as e order by e.position desc"
_OF_IDS = f"select {_COLUMNS} from ledger.leaf as e where e.event_id = any (%s::uuid[]) order by e.position desc"
# Events that one emission gives: the first, and what its service states behind it.
_BEHIND = 3


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many events of a kind were recorded on a day, and when the last of them was; `fact` of corrections alone."""

    day: dt.date
    type: str
    fact: str
    count: int
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class RefusedOn:
    """How often a service refused something by a rule, as it told at the end of that day."""

    day: dt.date
    service: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded event. `sent_as` is the id that its sender gave it."""

    position: int
    event_id: str
    type: str
    fact: str
    sent_as: str
    recorded: dt.datetime
    occurred_on: str | None
    subject: str


def by_day(connection: Connection, cpas: str) -> tuple[list[Arrived], bool]:
    """What arrived in the 28 days up to the last arrival, the newest day first; and whether there were more events
    than are counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, {"origin": _origin(cpas), "before": NEWEST, "most": MOST})
        found = [Arrived(*row) for row in cursor]
    if not found:
        return [], False
    first = found[0].day - dt.timedelta(days=DAYS - 1)
    kept = [each for each in found if each.day >= first]
    cut = len(kept) == len(found) and sum(each.count for each in found) == MOST
    return kept, cut


def refusals(connection: Connection, cpas: str, most: int) -> Sequence[RefusedOn]:
    """The newest counts of refusals, by day, service and rule."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, (cpas, most))
        return [RefusedOn(*row) for row in cursor]


def events(connection: Connection, cpas: str, before: int, most: int) -> Sequence[Event]:
    """Up to `most` recorded events before a position, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, (_origin(cpas), before, most))
        return [Event(*row) for row in cursor]


def sent_as(connection: Connection, cpas: str, id_: str) -> Sequence[Event]:
    """What was recorded of the event that its sender calls `id_`: the ids under which it would be are known from it."""
    origin = _origin(cpas)
    ids = [recorded_id(service, origin, id_, n) for service in RECORDING_SERVICES for n in range(_BEHIND)]
    with connection.cursor() as cursor:
        cursor.execute(_OF_IDS, (ids,))
        return [Event(*row) for row in cursor]


def _origin(cpas: str) -> str:
    return f"/cpas/{cpas}"
