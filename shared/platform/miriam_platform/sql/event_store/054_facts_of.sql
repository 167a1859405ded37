-- Up to `maximum` facts of one emitter whose first event has a number beyond `after`, in order: a row for each event of a
-- fact, with what its receipt says. Also where the body was emptied: the stream's name holds the subject.
create or replace function event_store.facts_of(origin text, after bigint, maximum integer)
returns table (first bigint, origin_id text, subject text, recorded_at timestamptz, id uuid, sequence bigint, leaf bytea)
language sql stable as $$
  select first.sequence, first.origin_id, substr(first.stream, strpos(first.stream, '/') + 1), first.recorded_at,
         of_fact.id, of_fact.sequence,
         coalesce(of_fact.leaf, sha256('\x00'::bytea || convert_to(of_fact.body, 'UTF8')))
    from (
           select event.sequence, event.origin_id, event.stream, event.recorded_at, event.fact_size
             from event_store.event
            where event.origin = facts_of.origin
              and event.fact_number = 0
              and event.sequence > facts_of.after
            order by event.sequence
            limit facts_of.maximum
         ) as first
   cross join lateral (
           select event.id, event.sequence, event.body, event.leaf
             from event_store.event
            where event.sequence >= first.sequence
            order by event.sequence
            limit first.fact_size
         ) as of_fact
   order by of_fact.sequence
$$;
