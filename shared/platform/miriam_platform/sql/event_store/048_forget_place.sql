-- This database is about to be brought up to the ledger: until that is done, it must not open as if nothing had been.
create or replace function event_store.forget_place()
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  delete from event_store.place
$$;
