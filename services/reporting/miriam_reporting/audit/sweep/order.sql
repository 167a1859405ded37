-- Within leaves first..last: where a source's numbers do not follow each other, given the number of each source before.
select numbered.position, numbered.source, numbered.sequence, numbered.event_id::text, numbered.expected
  from (
    select leaf.position, leaf.source, leaf.sequence, leaf.event_id,
           coalesce(lag(leaf.sequence) over (partition by leaf.source order by leaf.position),
                    (%(before)s::jsonb ->> leaf.source)::bigint, 0) + 1 as expected
      from ledger.leaf
     where leaf.position between %(first)s and %(last)s
  ) as numbered
 where numbered.sequence <> numbered.expected
 order by numbered.position
