-- Empties the events that a recorded `door.wiped` of this service names, and answers the ids of all that it names, also
-- of those that were emptied before. It takes no numbers from its caller: what is not stated cannot be emptied.
--
-- It refuses a statement that names another emitter's event, or an emitter that is no test CPAS, and changes nothing then;
-- and one that names an event which was not yet published: only the relay's bytes bring an event to the ledger.
create or replace function event_store.wipe(because_of uuid)
returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  _origin  text;
  _numbers int8multirange;
begin
  select '/cpas/' || (told.data ->> 'emitter'),
         (select range_agg(int8range((run ->> 'first')::bigint, (run ->> 'last')::bigint, '[]'))
            from jsonb_array_elements(told.data -> 'numbers') as runs (run))
    into _origin, _numbers
    from event_store.event
   cross join lateral (select event.body::jsonb -> 'data') as told (data)
   where event.id = wipe.because_of
     and event.type = 'miriam.door.wiped.v1';

  if _origin is null or _origin not like '/cpas/test-%' or _numbers is null or exists (
       select
         from unnest(_numbers) as run
         join event_store.event on event.sequence >= lower(run) and event.sequence < upper(run)
        where event.origin <> _origin
          and event.body is not null) then
    raise exception 'only what a test CPAS sent can be wiped, and % does not say that', wipe.because_of
      using errcode = 'restrict_violation';
  end if;
  if exists (
       select
         from unnest(_numbers) as run
        where upper(run) - 1 > (select checkpoint.sequence from relay.checkpoint)) then
    raise exception 'an event that is to be emptied was not published yet'
      using errcode = 'object_not_in_prerequisite_state';
  end if;

  insert into event_store.wiped (because_of, origin, numbers)
  values (wipe.because_of, _origin, _numbers)
      on conflict do nothing;

  perform set_config('event_store.wiping', wipe.because_of::text, true);
  update event_store.event
     set body = null, leaf = sha256('\x00'::bytea || convert_to(event.body, 'UTF8')), fingerprint = ''
    from unnest(_numbers) as run
   where event.sequence >= lower(run) and event.sequence < upper(run)
     and event.body is not null;
  perform set_config('event_store.wiping', '', true);

  return query
  select event.id
    from unnest(_numbers) as run
    join event_store.event on event.sequence >= lower(run) and event.sequence < upper(run);
end $$;
