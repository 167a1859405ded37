-- A block that goes takes the fingerprint of its emission along: that is a keyed hash over the block too, and a number of
-- a person has so few values that who holds the key could try them all. Whatever deletes a block comes by here.
-- The same emission again is then compared with the event itself, as after a restoration.
create or replace function sealed.forget_fingerprints() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('event_store.forgetting', 'on', true);
  update event_store.event
     set fingerprint = ''
    from gone
    join event_store.event as first on first.id = gone.event_id
   where event.sequence between first.sequence - first.fact_number
                            and first.sequence - first.fact_number + first.fact_size - 1
     and event.fingerprint <> '';
  perform set_config('event_store.forgetting', '', true);
  return null;
end $$;

create or replace trigger block_takes_its_fingerprint_along
  after delete on sealed.block
  referencing old table as gone
  for each statement execute function sealed.forget_fingerprints();
