-- Empties the bodies of the facts of an announced retirement (`facts_of_projects` says which), keeps the hashes under
-- which the ledger holds them, and notes the streams of which nothing is left. Answers the events concerned. It takes no
-- numbers from its caller: nothing but what was announced can be emptied.
--
-- It refuses where one of them was not yet published: only the relay's bytes bring an event to the ledger.
create or replace function event_store.retire(because_of uuid)
returns table (sequence bigint, id uuid, stream text, whole boolean)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  _projects text[];
  _numbers  bigint[];
  _ids      uuid[];
  _streams  text[];
  _wholes   boolean[];
begin
  _projects := array(
    select retired.name
      from event_store.retired
     where retired.kind = 'project'
       and retired.because_of = retire.because_of);

  select coalesce(array_agg(found.sequence), '{}'), array_agg(found.id), array_agg(found.stream), array_agg(found.whole)
    into _numbers, _ids, _streams, _wholes
    from event_store.facts_of_projects(_projects) as found;

  if exists (select from unnest(_numbers) as given (number), relay.checkpoint
              where given.number > checkpoint.sequence) then
    raise exception 'an event that is to be emptied was not published yet'
      using errcode = 'object_not_in_prerequisite_state';
  end if;

  insert into event_store.retired (kind, name, because_of)
  select distinct 'stream', given.stream, retire.because_of
    from unnest(_streams, _wholes) as given (stream, whole)
   where given.whole
      on conflict do nothing;

  perform set_config('event_store.retiring', retire.because_of::text, true);
  update event_store.event
     set body = null, leaf = sha256('\x00'::bytea || convert_to(event.body, 'UTF8'))
   where event.sequence = any (_numbers);
  perform set_config('event_store.retiring', '', true);

  return query
  select given.number, given.id, given.stream, given.whole
    from unnest(_numbers, _ids, _streams, _wholes) as given (number, id, stream, whole);
end $$;
