"""Event stores of any size, filled by SQL: recorded events like those of a small service, streams of twenty-five."""

from __future__ import annotations

import time
from contextlib import closing

import psycopg2

from miriam_bench.scale.kept import Kept, ask
from miriam_bench.scale.loading import Tell
from miriam_local.databases import DatabaseAccess
from miriam_platform.migrate import migrate

_BATCH = 200_000
# Random ids, as recorded ones are: nothing that follows finds its neighbours in memory.
_FILL = """
insert into event_store.event
       (sequence, id, stream, version, type, origin, origin_id, fact_number, fact_size, fingerprint, body, recorded_at)
select n, made.id, 'participation/' || made.stream, (n - 1) %% 25 + 1, 'miriam.goal.set.v1', '/cpas/anderlecht',
       n::text, 0, 1, decode(md5(n::text) || md5(n::text), 'hex'),
       format('{"correlationid":"%%s","data":{"domain":"housing","goal":"anderlecht:g-%%s","occurred_on":"2023-10-02",'
              '"participation":"anderlecht:p-%%s","project":"spp:anderlecht-1"},"datacontenttype":"application/json",'
              '"id":"%%s","origin":"/cpas/anderlecht","originid":"%%s","recordedtime":"2023-10-02T12:30:00.000000Z",'
              '"salt":"%%s","sequence":%%s,"source":"/services/sessions","specversion":"1.0",'
              '"subject":"anderlecht:p-%%s","time":"2023-10-02T12:30:00.000000Z","type":"miriam.goal.set.v1"}',
              made.id, n, made.stream, made.id, n, md5(n::text), n, made.stream),
       '2023-10-02T12:30:00Z'
  from generate_series(%(after)s + 1, %(upto)s) as n
 cross join lateral (select md5('event' || n)::uuid as id, md5('stream' || (n - 1) / 25) as stream) as made
"""


def store(kept: Kept, count: int, tell: Tell) -> DatabaseAccess:
    """The event store of that size, filled as far as it is not."""
    password = kept.postgres.password
    access = kept.postgres.admin.ensure_database(f"store_{count}", password, password)
    migrate(access.owner_url, access.app_role, None)
    held = ask(access.owner_url, "select last_sequence from event_store.counter")
    began, first = time.monotonic(), held
    if held == count:
        return access
    with closing(psycopg2.connect(access.owner_url)) as connection:
        while held < count:
            upto = min(held + _BATCH, count)
            with connection, connection.cursor() as cursor:
                cursor.execute("set local synchronous_commit = off")
                cursor.execute(_FILL, {"after": held, "upto": upto})
                cursor.execute("update event_store.counter set last_sequence = %s", (upto,))
            held = upto
            pace = (held - first) / (time.monotonic() - began)
            tell(f"event store: {held:,} of {count:,}, {pace:,.0f}/s, {(count - held) / pace / 60:.0f} min left")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("vacuum (analyze) event_store.event")
    return access
