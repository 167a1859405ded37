-- Leaves first..last whose stored columns do not say what their body says, and in which respects.
-- `offset 0` keeps the body from being parsed once for each comparison. An emptied leaf has nothing to compare with.
select leaf.position, leaf.source, leaf.sequence, leaf.event_id::text,
       array_remove(array[
         case when leaf.hash is distinct from sha256('\x00'::bytea || convert_to(leaf.body, 'UTF8')) then 'hash' end,
         case when leaf.data is distinct from told.body then 'data' end,
         case when '/services/' || leaf.source is distinct from told.body ->> 'source' then 'source' end,
         case when to_jsonb(leaf.sequence) is distinct from told.body -> 'sequence' then 'sequence' end,
         case when leaf.event_id::text is distinct from told.body ->> 'id' then 'event_id' end,
         case when leaf.type is distinct from told.body ->> 'type' then 'type' end
       ], null) as columns
  from ledger.leaf
 cross join lateral (select leaf.body::jsonb as body offset 0) as told
 where leaf.position between %(first)s and %(last)s
   and leaf.body is not null
   and (leaf.hash is distinct from sha256('\x00'::bytea || convert_to(leaf.body, 'UTF8'))
     or leaf.data is distinct from told.body
     or '/services/' || leaf.source is distinct from told.body ->> 'source'
     or to_jsonb(leaf.sequence) is distinct from told.body -> 'sequence'
     or leaf.event_id::text is distinct from told.body ->> 'id'
     or leaf.type is distinct from told.body ->> 'type')
 order by leaf.position
