-- What keeps recorded events from being changed, and is not there or does not act.
create or replace function event_store.guards_missing()
returns setof text
language sql stable as $$
  select format('trigger %s is not there, or does not fire', wanted.name)
    from (values ('event_is_immutable'), ('event_is_not_truncated')) as wanted (name)
   where not exists (
           select from pg_trigger
            where tgrelid = 'event_store.event'::regclass and tgname = wanted.name and tgenabled in ('O', 'A'))
   union all
  select format('there is no key over (%s)', wanted.columns)
    from (values ('sequence'), ('id'), ('stream, version')) as wanted (columns)
   where not exists (
           select from pg_index
            where indrelid = 'event_store.event'::regclass and indisunique and indisvalid and indpred is null
              and wanted.columns = (
                    select string_agg(attname::text, ', ' order by keys.place)
                      from unnest(indkey) with ordinality as keys (number, place)
                      join pg_attribute on attrelid = indrelid and attnum = keys.number))
$$;
