-- Of the `maximum` events that follow `after`: those whose columns do not say what their body says, or that do not follow
-- what stands before them in their stream or their fact. Of a changed fingerprint nobody can know: what was emitted is
-- not kept. Emptied events have nothing left to compare with.
create or replace function event_store.differing(after bigint, maximum integer)
returns table (sequence bigint, id uuid, columns text[])
language sql stable as $$
  select given.sequence, given.id, found.columns
    from (
      select event.*
        from event_store.event
       where event.sequence > differing.after
       order by event.sequence
       limit differing.maximum
    ) as given
   cross join lateral (select given.body::jsonb as body offset 0) as told
   cross join lateral (
      select array_remove(array[
               case when to_jsonb(given.sequence) is distinct from told.body -> 'sequence' then 'sequence' end,
               case when given.id::text is distinct from told.body ->> 'id' then 'id' end,
               case when given.type is distinct from told.body ->> 'type' then 'type' end,
               case when given.origin is distinct from told.body ->> 'origin' then 'origin' end,
               case when given.origin_id is distinct from told.body ->> 'originid' then 'origin_id' end,
               case when given.recorded_at is distinct from (told.body ->> 'recordedtime')::timestamptz
                    then 'recorded_at' end,
               case when split_part(given.stream, '/', 2) is distinct from told.body ->> 'subject' then 'stream' end,
               case when given.version > 1 and not exists (
                           select from event_store.event as before
                            where before.stream = given.stream and before.version = given.version - 1
                              and before.sequence < given.sequence) then 'version' end,
               case when given.fact_number > 0 and not exists (
                           select from event_store.event as before
                            where before.sequence = given.sequence - 1
                              and (before.origin, before.origin_id, before.fact_number, before.fact_size)
                                  = (given.origin, given.origin_id, given.fact_number - 1, given.fact_size))
                      or given.fact_number < given.fact_size - 1 and not exists (
                           select from event_store.event as next
                            where next.sequence = given.sequence + 1
                              and (next.origin, next.origin_id, next.fact_number, next.fact_size)
                                  = (given.origin, given.origin_id, given.fact_number + 1, given.fact_size))
                    then 'fact_number' end
             ], null) as columns
         ) as found
   where given.body is not null
     and cardinality(found.columns) > 0
   order by given.sequence
$$;
