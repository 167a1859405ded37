"""The door's tally: refusals as an event of the ledger, so that data quality (D07) can be replayed like any figure.

A refusal is no fact, and is kept for 90 days only; how many there were, by emitter and rule, is kept for good. Tallies
follow each other without a hole: each counts the refusals numbered after the last one.
"""

import datetime as dt

import orjson
from psycopg2.extensions import connection as Connection

from miriam_platform import own, store
from miriam_platform.own import OwnFact
from miriam_platform.pool import AnyDatabase
from miriam_platform.store import Recorded
from miriam_platform.times import brussels_day, now

TYPE = "miriam.door.tallied.v1"
# Within the most entries that the contract allows one tally.
MOST_REFUSALS = 5000


def tally(database: AnyDatabase, service: str, moment: dt.datetime | None = None, *, before_today: bool = False) -> int:
    """Record the refusals that no tally counts yet; answer how many there were.

    `before_today`: do nothing where the last tally is of this day (in Brussels), so that a timer makes one a day.
    Safe beside another process that does the same: one of the two finds nothing left.
    """
    moment = moment or now()
    total = 0
    while True:
        with database.transaction() as connection:
            counted = _tally_once(connection, service, moment, before_today)
        total += counted
        if counted < MOST_REFUSALS:
            return total


def tallied(connection: Connection, service: str) -> int:
    """The number of the last refusal that a tally counts; 0 before the first."""
    told = store.read_streams(connection, [f"door/{service}"])
    return int(orjson.loads(told[-1].body)["data"]["last"]) if told else 0


def _tally_once(connection: Connection, service: str, moment: dt.datetime, before_today: bool) -> int:
    stream = f"door/{service}"
    version, last, day = 0, 0, ""
    told = store.read_streams(connection, [stream])
    if told:
        newest = orjson.loads(told[-1].body)["data"]
        version, last, day = told[-1].version, newest["last"], newest["occurred_on"]
    today = brussels_day(moment)
    if before_today and day >= today:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select emitter, rule, count, last from door.refusals_after(%s, %s)", (last, MOST_REFUSALS))
        rows = cursor.fetchall()
    if not rows:
        return 0
    data = {
        "occurred_on": today,
        "first": last + 1,
        "last": rows[0][3],
        "counts": [{"emitter": emitter, "rule": rule, "count": count} for emitter, rule, count, _ in rows],
    }
    fact = OwnFact(TYPE, stream, service, f"tally-{last + 1}", data)
    # Behind the version that was read, not the newest: where another process tallied since, it has counted these.
    event = own.compose(connection, service, [fact], moment)[0]._replace(version=version + 1)
    outcomes = store.append(connection, [event], moment)
    return sum(row[2] for row in rows) if isinstance(outcomes[0], Recorded) else 0
