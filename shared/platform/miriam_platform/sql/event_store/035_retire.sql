-- Empties the bodies of these events, and keeps the hashes under which the ledger holds them; notes which streams nothing
-- is left of. Answers how many were emptied. The retirement must have been announced.
--
-- It refuses where one of them was not yet published: only the relay's bytes bring an event to the ledger.
create or replace function event_store.retire(sequences bigint[], streams text[], because_of uuid)
returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  _emptied bigint;
begin
  if exists (select from unnest(sequences) as given (sequence), relay.checkpoint
              where given.sequence > checkpoint.sequence) then
    raise exception 'an event that is to be emptied was not published yet'
      using errcode = 'object_not_in_prerequisite_state';
  end if;

  insert into event_store.retired (kind, name, because_of)
  select distinct 'stream', given.name, retire.because_of from unnest(streams) as given (name)
      on conflict do nothing;

  perform set_config('event_store.retiring', retire.because_of::text, true);
  update event_store.event
     set body = null, leaf = sha256('\x00'::bytea || convert_to(event.body, 'UTF8'))
   where event.sequence = any (retire.sequences)
     and event.body is not null;
  get diagnostics _emptied = row_count;
  perform set_config('event_store.retiring', '', true);
  return _emptied;
end $$;
