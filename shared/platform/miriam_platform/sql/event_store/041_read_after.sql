-- Up to `maximum` events that follow `after`, in their order.
create or replace function event_store.read_after(after bigint, maximum integer)
returns table (sequence bigint, type text, body text)
language sql stable as $$
  select event.sequence, event.type, event.body
    from event_store.event
   where event.sequence > read_after.after
   order by event.sequence
   limit read_after.maximum
$$;
