-- Where a page of `maximum` events behind `after` ends, and how many there are; null and 0 behind the last.
create or replace function event_store.last_of_page(after bigint, maximum integer)
returns table (last bigint, events bigint)
language sql stable as $$
  select max(page.sequence), count(*)
    from (
      select event.sequence
        from event_store.event
       where event.sequence > last_of_page.after
       order by event.sequence
       limit last_of_page.maximum
    ) as page
$$;
