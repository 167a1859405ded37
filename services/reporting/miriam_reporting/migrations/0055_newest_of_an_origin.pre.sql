-- The newest leaves under one emitter's name before position `before`, up to `maximum`: whether what it sent arrived is
-- asked of the last weeks. Along the index from its end and no further than the page, as in `leaves_of_origin`.
create function ledger.newest_of_origin(origin text, before bigint, maximum integer)
returns table ("position" bigint, event_id uuid, type text, data jsonb)
language sql stable set enable_bitmapscan = off set enable_sort = off as $$
  select leaf.position, leaf.event_id, leaf.type, leaf.data
    from ledger.leaf
   where hashtextextended(leaf.data ->> 'origin', 0) = hashtextextended(newest_of_origin.origin, 0)
     and leaf.data ->> 'origin' = newest_of_origin.origin
     and leaf.position < newest_of_origin.before
   order by leaf.position desc
   limit newest_of_origin.maximum
$$;

revoke all on function ledger.newest_of_origin(text, bigint, integer) from public;
grant execute on function ledger.newest_of_origin(text, bigint, integer) to {app};
