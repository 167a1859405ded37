-- Takes events back from the ledger into a store that was restored from an older backup: the next numbers only, without
-- a hole, each byte for byte as the ledger hashed it. Answers the last number then.
--
-- The fingerprint of what was emitted is lost: it is empty, and a second sending is compared with the event itself. An
-- event whose body was emptied comes back as its leaf.
create or replace function event_store.take_back(
  sequences    bigint[],
  ids          uuid[],
  streams      text[],
  types        text[],
  origins      text[],
  origin_ids   text[],
  fact_numbers smallint[],
  fact_sizes   smallint[],
  bodies       text[],
  leaves       bytea[],
  times        timestamptz[]
) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  _last  bigint;
  _wrong bigint;
begin
  select counter.last_sequence into strict _last from event_store.counter for update;

  select min(given.sequence)
    into _wrong
    from unnest(sequences, ids, bodies, leaves) with ordinality as given (sequence, id, body, leaf, place)
   where given.sequence <> _last + given.place
      or given.leaf <> sha256('\x00'::bytea || convert_to(given.body, 'UTF8'))
      or (given.body::jsonb ->> 'sequence')::bigint <> given.sequence
      or (given.body::jsonb ->> 'id')::uuid <> given.id;
  if _wrong is not null then
    raise exception 'number % is not the next one (%), or not the event that its leaf stands for', _wrong, _last + 1
      using errcode = 'integrity_constraint_violation';
  end if;

  insert into event_store.event
         (sequence, id, stream, version, type, origin, origin_id, fact_number, fact_size, fingerprint,
          body, leaf, recorded_at)
  select given.sequence, given.id, given.stream,
         coalesce(newest.version, 0) + row_number() over (partition by given.stream order by given.sequence),
         given.type, given.origin, given.origin_id, given.fact_number, given.fact_size, '',
         given.body, case when given.body is null then given.leaf end, given.time
    from unnest(sequences, ids, streams, types, origins, origin_ids, fact_numbers, fact_sizes, bodies, leaves, times)
      as given (sequence, id, stream, type, origin, origin_id, fact_number, fact_size, body, leaf, time)
    left join lateral (
           select event.version from event_store.event
            where event.stream = given.stream order by event.version desc limit 1
         ) as newest on true
   order by given.sequence;

  update event_store.counter set last_sequence = _last + cardinality(sequences);
  perform pg_notify('event_store', (_last + cardinality(sequences))::text);
  return _last + cardinality(sequences);
end $$;
