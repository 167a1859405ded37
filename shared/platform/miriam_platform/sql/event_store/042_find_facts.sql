-- What was recorded of the facts whose first events have the given ids: a row for each event of a fact.
-- The leaf is the hash under which the ledger will hold it: SHA-256 over 0x00 and the stored bytes.
create or replace function event_store.find_facts(first_ids uuid[])
returns table (first_id uuid, fingerprint bytea, id uuid, sequence bigint, leaf bytea)
language sql stable as $$
  select first.id, first.fingerprint, event.id, event.sequence,
         sha256('\x00'::bytea || convert_to(event.body, 'UTF8'))
    from event_store.event as first
    join event_store.event
      on event.sequence >= first.sequence
     and event.sequence < first.sequence + first.fact_size
   where first.id = any (find_facts.first_ids)
   order by event.sequence
$$;
