-- Up to `maximum` events of one emitter that are or were parked, at positions beyond `after`, in order; of one event where
-- `emitted_id` is given.
create or replace function door.parked_of(emitter text, emitted_id text, after bigint, maximum integer)
returns table ("position" bigint, emitted_id text, subject text, parked_at timestamptz)
language sql stable as $$
  select parked.position, parked.emitted_id, parked.subject, parked.parked_at
    from door.parked
   where parked.emitter = parked_of.emitter
     and (parked_of.emitted_id is null or parked.emitted_id = parked_of.emitted_id)
     and parked.position > parked_of.after
   order by parked.position
   limit parked_of.maximum
$$;
