-- Tallies of a query whose every row is one woman's: counted by her set of places first, of which there are few, and
-- then at each level value of those places. Pairs add the other side's amount (`starts`) and the squared changes.
with finest as (
  select e.places, e.category, e.counted, case when e.counted = 'excluded' then e.reason end as reason,
         count(*) as units, sum(e.amount) as amount, sum(e.paired_with) as starts,
         sum((e.amount - e.paired_with) * (e.amount - e.paired_with)) as squares
    from ({evidence}) as e
   where not e.again
   group by 1, 2, 3, 4
)
select l.level, l.value, f.category, f.reason,
       coalesce(sum(f.units) filter (where f.counted = 'numerator'), 0)::bigint as numerators,
       coalesce(sum(f.units) filter (where f.counted = 'denominator'), 0)::bigint as denominators,
       sum(f.units)::bigint as units,
       coalesce(sum(f.amount), 0)::bigint as amount,
       null as lower_middle, null as upper_middle, sum(f.starts)::bigint as starts, sum(f.squares)::bigint as squares
  from finest as f
  join place_level_at as l using (places)
 where l.level = any (%(levels)s)
   and (%(value)s is null or l.level = 'total' or l.value = %(value)s)
 group by l.level, l.value, f.category, f.reason
