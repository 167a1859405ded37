-- Where this database is now: server, timeline, database and table. It differs after pg_restore, after a recovery to a
-- point in time, after the promotion of a replica, and in a copy.
create or replace function event_store.here()
returns text
language sql volatile as $$
  select format('%s/%s/%s/%s',
                (select system_identifier from pg_control_system()),
                left(pg_walfile_name(pg_current_wal_lsn()), 8),
                (select oid from pg_database where datname = current_database()),
                'event_store.event'::regclass::oid)
$$;
