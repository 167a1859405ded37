-- The hash under which the ledger holds the event of a number; null where there is none.
create or replace function event_store.leaf_of(sequence bigint)
returns bytea
language sql stable as $$
  select coalesce(event.leaf, sha256('\x00'::bytea || convert_to(event.body, 'UTF8')))
    from event_store.event
   where event.sequence = leaf_of.sequence
$$;
