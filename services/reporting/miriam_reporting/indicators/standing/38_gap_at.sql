-- For each service: how many numbers are missing below its highest among leaves 1..N, and the last of its leaves that is
-- no test CPAS's. Tests take numbers like all others, so theirs count as being there; they make no row and are named in none.
create temporary table gap_at on commit drop as
select s.source, l.event_id, l.position, s.highest - s.leaves as amount
  from ledger.sources_at(%(position)s) as s
 cross join lateral (
        select leaf.event_id, leaf.position
          from ledger.leaf
         where leaf.source = s.source and leaf.sequence <= s.highest
           and not coalesce(starts_with(leaf.data ->> 'origin', '/cpas/test-'), ledger.was_wiped(leaf.position))
         order by leaf.sequence desc
         limit 1
       ) as l
