-- The number of the newest recorded event; 0 before the first.
create or replace function event_store.last_sequence()
returns bigint
language sql stable as $$
  select counter.last_sequence from event_store.counter
$$;
