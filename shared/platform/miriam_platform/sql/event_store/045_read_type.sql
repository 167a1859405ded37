-- The events of one type behind a number, in their order. Fast for the types of the index `events_of_erasure`.
create or replace function event_store.read_type(type text, after bigint, maximum integer)
returns table (sequence bigint, id uuid, body text)
language sql stable as $$
  select event.sequence, event.id, event.body
    from event_store.event
   where event.type = read_type.type
     and event.sequence > read_type.after
   order by event.sequence
   limit read_type.maximum
$$;
