-- Notes that an edition and its projects are retired: from the commit on, facts about them are refused. It waits for
-- the batches under way, which were judged before.
create or replace function event_store.announce_retirement(edition text, projects text[], because_of uuid)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtext('event_store.retired'));

  insert into event_store.retired (kind, name, because_of)
  select 'edition', announce_retirement.edition, announce_retirement.because_of
   union
  select 'project', given.name, announce_retirement.because_of
    from unnest(projects) as given (name)
      on conflict do nothing;
end $$;
