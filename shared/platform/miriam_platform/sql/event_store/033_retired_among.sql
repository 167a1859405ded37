-- Which of these are retired. The lock, held until the transaction ends, keeps a retirement from being announced between
-- this answer and the commit of what rests on it.
create or replace function event_store.retired_among(kinds text[], names text[])
returns table (kind text, name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtext('event_store.retired'));

  return query
  select retired.kind, retired.name
    from unnest(kinds, names) as given (kind, name)
    join event_store.retired on retired.kind = given.kind and retired.name = given.name;
end $$;
