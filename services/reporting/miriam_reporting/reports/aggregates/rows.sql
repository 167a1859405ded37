-- Tallies of a query whose every row has a unit of its own: rows are counted, by level, category and reason.
with finest as (
  select {place}, e.counted, case when e.counted = 'excluded' then e.reason end as reason,
         count(*) as units, sum(e.amount) as amount
    from ({evidence}) as e
   where not e.again
   group by {group}, e.counted, case when e.counted = 'excluded' then e.reason end
)
select l.level, l.value, f.category, f.reason,
       coalesce(sum(f.units) filter (where f.counted = 'numerator'), 0)::bigint as numerators,
       coalesce(sum(f.units) filter (where f.counted = 'denominator'), 0)::bigint as denominators,
       sum(f.units)::bigint as units,
       coalesce(sum(f.amount) filter (where f.counted = 'numerator'), 0)::bigint as amount,
       null as lower_middle, null as upper_middle, null as starts, null as squares
  from finest as f
{levels}
 group by l.level, l.value, f.category, f.reason
