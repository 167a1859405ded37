-- Tallies of a query in which a unit may have several rows, at one place or at several: distinct units are counted, by
-- level and category. A unit is excluded only where no row of it counts there.
with evidence as materialized (
  {evidence}
), finest as (
  select e.category, e.region, e.cpas, e.project, e.unit,
         bool_or(e.counted = 'numerator') as in_numerator, bool_or(e.counted = 'denominator') as in_denominator,
         sum(e.amount) as amount
    from evidence as e
   where e.counted <> 'excluded'
   group by 1, 2, 3, 4, 5
), at_level as (
  select l.level, l.value, f.category, f.unit,
         bool_or(f.in_numerator) as in_numerator, bool_or(f.in_denominator) as in_denominator, sum(f.amount) as amount
    from finest as f
   cross join lateral (
           values ('total', ''), ('region', f.region), ('cpas', f.cpas), ('project', f.project)
         ) as l (level, value)
   where l.level = any (%(levels)s) and l.value is not null
     and (%(value)s is null or l.level = 'total' or l.value = %(value)s)
   group by 1, 2, 3, 4
), left_out as (
  select distinct l.level, l.value, e.category, e.reason, e.unit
    from evidence as e
   cross join lateral (
           values ('total', ''), ('region', e.region), ('cpas', e.cpas), ('project', e.project)
         ) as l (level, value)
   where e.counted = 'excluded'
     and l.level = any (%(levels)s) and l.value is not null
     and (%(value)s is null or l.level = 'total' or l.value = %(value)s)
)
select a.level, a.value, a.category, null::text as reason,
       count(*) filter (where a.in_numerator) as numerators,
       count(*) filter (where a.in_denominator) as denominators,
       count(*) as units,
       coalesce(sum(a.amount) filter (where a.in_numerator), 0)::bigint as amount,
       percentile_disc(0.5) within group (order by a.amount) filter (where a.in_numerator) as lower_middle,
       percentile_disc(0.5) within group (order by a.amount desc) filter (where a.in_numerator) as upper_middle,
       null as starts, null as squares
  from at_level as a
 group by a.level, a.value, a.category
 union all
select x.level, x.value, x.category, x.reason, 0, 0, count(*), 0, null, null, null, null
  from left_out as x
 where not exists (
         select
           from at_level as a
          where a.level = x.level and a.value = x.value and a.category = x.category and a.unit = x.unit
       )
 group by x.level, x.value, x.category, x.reason
