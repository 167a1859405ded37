-- The events of the given streams, each stream in the order of its versions.
create or replace function event_store.read_streams(streams text[])
returns table (stream text, version integer, body text)
language sql stable as $$
  select event.stream, event.version, event.body
    from event_store.event
   where event.stream = any (read_streams.streams)
   order by event.stream, event.version
$$;
