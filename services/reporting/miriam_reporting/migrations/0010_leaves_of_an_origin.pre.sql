-- What stands in the ledger under one emitter's name, in the order of the ledger: so that an emitter finds an event that
-- it never sent. The origin's hash, not its text: a third smaller, and numbers compare faster while leaves are added.
create index leaf_origin_position on ledger.leaf (hashtextextended(data ->> 'origin', 0), position);

-- Up to `maximum` leaves whose events came from `origin` (`/cpas/<id>`), behind position `after`. In the order of the index
-- and no further than the page: that the hash and the text are one condition the planner cannot know, and it expects so
-- few rows that it would fetch all leaves of an emitter for each page of them.
create function ledger.leaves_of_origin(origin text, after bigint, maximum integer)
returns table ("position" bigint, source text, sequence bigint, originid text, type text, leaf bytea)
language sql stable set enable_bitmapscan = off set enable_sort = off as $$
  select leaf.position, leaf.source, leaf.sequence, leaf.data ->> 'originid', leaf.type, leaf.hash
    from ledger.leaf
   where hashtextextended(leaf.data ->> 'origin', 0) = hashtextextended(leaves_of_origin.origin, 0)
     and leaf.data ->> 'origin' = leaves_of_origin.origin
     and leaf.position > leaves_of_origin.after
   order by leaf.position
   limit leaves_of_origin.maximum
$$;

revoke all on function ledger.leaves_of_origin(text, bigint, integer) from public;
grant execute on function ledger.leaves_of_origin(text, bigint, integer) to {app};
