-- The newest version of each of the given streams that has one.
create or replace function event_store.stream_versions(streams text[])
returns table (stream text, version integer)
language sql stable as $$
  select given.stream, newest.version
    from unnest(stream_versions.streams) as given (stream)
   cross join lateral (
           select event.version
             from event_store.event
            where event.stream = given.stream
            order by event.version desc
            limit 1
         ) as newest
$$;
