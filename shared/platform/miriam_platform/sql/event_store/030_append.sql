-- Records the given events in their order, and says for each what became of it:
--   recorded   sequence is the number that it got
--   duplicate  an event of this id was recorded before; sequence is that first number
--   conflict   its stream has moved on (or part of its stream could not be recorded); nothing was written
--
-- `versions` are the versions the events would take: one stream's are consecutive in the given order.
-- A stream's events are recorded together or not at all, so no event rests on one that is missing.
--
-- Call it as the last step of a transaction: from here to the commit all other recording waits.
-- It needs READ COMMITTED: the statements after the lock must see what its last holder committed.
create or replace function event_store.append(
  ids          uuid[],
  streams      text[],
  versions     integer[],
  types        text[],
  origins      text[],
  origin_ids   text[],
  fact_numbers smallint[],
  fact_sizes   smallint[],
  fingerprints bytea[],
  heads        text[],
  tails        text[],
  recorded_at  timestamptz
) returns table (place integer, outcome text, sequence bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  _last     bigint;
  _recorded bigint;
begin
  select counter.last_sequence
    into strict _last
    from event_store.counter
     for update;

  return query
  with incoming as (
    select *
      from unnest(ids, streams, versions, types, origins, origin_ids, fact_numbers, fact_sizes,
                  fingerprints, heads, tails) with ordinality
        as i (id, stream, version, type, origin, origin_id, fact_number, fact_size,
              fingerprint, head, tail, place)
  ), known as (
    select incoming.place, event.sequence
      from incoming
      join event_store.event on event.id = incoming.id
  ), stream_given as (
    select incoming.stream, min(incoming.version) as first_version, bool_or(known.place is not null) as has_known
      from incoming
      left join known on known.place = incoming.place
     group by incoming.stream
  ), stream_stands as (
    select stream_given.stream
      from stream_given
      left join lateral (
        select event.version
          from event_store.event
         where event.stream = stream_given.stream
         order by event.version desc
         limit 1
      ) as newest on true
     where not stream_given.has_known
       and stream_given.first_version = coalesce(newest.version, 0) + 1
  ), numbered as (
    select incoming.*, _last + row_number() over (order by incoming.place) as sequence
      from incoming
      join stream_stands on stream_stands.stream = incoming.stream
  ), inserted as (
    insert into event_store.event
           (sequence, id, stream, version, type, origin, origin_id, fact_number, fact_size,
            fingerprint, body, recorded_at)
    select numbered.sequence, numbered.id, numbered.stream, numbered.version, numbered.type,
           numbered.origin, numbered.origin_id, numbered.fact_number, numbered.fact_size,
           numbered.fingerprint, numbered.head || numbered.sequence || numbered.tail, append.recorded_at
      from numbered
     order by numbered.sequence
  )
  select incoming.place::integer,
         case
           when known.place is not null then 'duplicate'
           when numbered.place is not null then 'recorded'
           else 'conflict'
         end,
         coalesce(known.sequence, numbered.sequence)
    from incoming
    left join known on known.place = incoming.place
    left join numbered on numbered.place = incoming.place
   order by incoming.place;

  select count(*)
    into _recorded
    from event_store.event
   where event.sequence > _last;

  if _recorded > 0 then
    update event_store.counter set last_sequence = _last + _recorded;
    perform pg_notify('event_store', (_last + _recorded)::text);
  end if;
end $$;
