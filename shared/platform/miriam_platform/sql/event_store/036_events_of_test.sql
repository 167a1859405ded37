-- The runs of numbers of a test CPAS's events whose bodies are here. It reads every event: a wipe is rare.
create or replace function event_store.events_of_test(emitter text)
returns table (first bigint, last bigint)
language sql stable as $$
  select min(found.sequence), max(found.sequence)
    from (
      select event.sequence, event.sequence - row_number() over (order by event.sequence) as run
        from event_store.event
       where event.origin = '/cpas/' || events_of_test.emitter
         and event.origin like '/cpas/test-%'
         and event.body is not null
    ) as found
   group by found.run
   order by 1
$$;
