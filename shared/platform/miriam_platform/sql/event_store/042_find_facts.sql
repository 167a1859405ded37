-- What was recorded of the facts whose first events have the given ids: a row for each event of a fact.
-- The leaf is the hash under which the ledger holds it: SHA-256 over 0x00 and the stored bytes; kept where these went.
-- The lateral limit keeps the planner to the primary key, however it misjudges the range.
create or replace function event_store.find_facts(first_ids uuid[])
returns table (first_id uuid, fingerprint bytea, id uuid, sequence bigint, leaf bytea)
language sql stable as $$
  select first.id, first.fingerprint, of_fact.id, of_fact.sequence,
         coalesce(of_fact.leaf, sha256('\x00'::bytea || convert_to(of_fact.body, 'UTF8')))
    from event_store.event as first
   cross join lateral (
           select event.id, event.sequence, event.body, event.leaf
             from event_store.event
            where event.sequence >= first.sequence
            order by event.sequence
            limit first.fact_size
         ) as of_fact
   where first.id = any (find_facts.first_ids)
   order by of_fact.sequence
$$;
