-- Up to `maximum` events that follow `after`, in their order; those whose bodies were emptied as their leaves.
create or replace function event_store.read_leaves_after(after bigint, maximum integer)
returns table (sequence bigint, id uuid, body text, leaf bytea)
language sql stable as $$
  select event.sequence, event.id, event.body, event.leaf
    from event_store.event
   where event.sequence > read_leaves_after.after
   order by event.sequence
   limit read_leaves_after.maximum
$$;
