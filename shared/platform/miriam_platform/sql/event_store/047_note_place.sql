-- Notes where this database is, now that it opens.
create or replace function event_store.note_place()
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into event_store.place as noted (place)
  values (event_store.here())
      on conflict (singleton) do update
     set place = excluded.place, noted_at = now()
   where noted.place <> excluded.place
$$;
