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
--
-- enable_seqscan is off because the plan is kept while the table grows: one made for an almost empty table
-- would read the whole of it for each batch of a burst, until it is next analysed. Kept it is, by plan_cache_mode:
-- planning anew for each call costs more than appending a single event.
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
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
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
    select i.*, known.sequence as known_sequence, newest.version as newest_version
      from unnest(ids, streams, versions, types, origins, origin_ids, fact_numbers, fact_sizes,
                  fingerprints, heads, tails) with ordinality
        as i (id, stream, version, type, origin, origin_id, fact_number, fact_size,
              fingerprint, head, tail, place)
      left join lateral (
        select event.sequence
          from event_store.event
         where event.id = i.id
         limit 1
      ) as known on true
      left join lateral (
        select event.version
          from event_store.event
         where event.stream = i.stream
         order by event.version desc
         limit 1
      ) as newest on true
  ), judged as (
    select incoming.*,
           bool_and(incoming.known_sequence is null) over of_stream
             and min(incoming.version) over of_stream = coalesce(incoming.newest_version, 0) + 1 as stands
      from incoming
    window of_stream as (partition by incoming.stream)
  ), numbered as (
    select judged.*, _last + count(*) filter (where judged.stands) over (order by judged.place) as new_sequence
      from judged
  ), inserted as (
    insert into event_store.event
           (sequence, id, stream, version, type, origin, origin_id, fact_number, fact_size,
            fingerprint, body, recorded_at)
    select numbered.new_sequence, numbered.id, numbered.stream, numbered.version, numbered.type,
           numbered.origin, numbered.origin_id, numbered.fact_number, numbered.fact_size,
           numbered.fingerprint, numbered.head || numbered.new_sequence || numbered.tail, append.recorded_at
      from numbered
     where numbered.stands
     order by numbered.new_sequence
  )
  select numbered.place::integer,
         case
           when numbered.known_sequence is not null then 'duplicate'
           when numbered.stands then 'recorded'
           else 'conflict'
         end,
         case
           when numbered.known_sequence is not null then numbered.known_sequence
           when numbered.stands then numbered.new_sequence
         end
    from numbered
   order by numbered.place;

  select count(*)
    into _recorded
    from event_store.event
   where event.sequence > _last;

  if _recorded > 0 then
    update event_store.counter set last_sequence = _last + _recorded;
    perform pg_notify('event_store', (_last + _recorded)::text);
  end if;
end $$;
