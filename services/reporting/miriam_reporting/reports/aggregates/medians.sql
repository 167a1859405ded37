-- Tallies of medians: by level and category the two middle amounts over units, a unit's amount being the sum of its
-- rows' there. No unit is both counted and excluded.
with evidence as not materialized (
  {evidence}
), finest as materialized (
  select {place}, e.unit_key, sum(e.amount)::bigint as amount
    from evidence as e
   where e.counted = 'numerator'
   group by {group}, e.unit_key
), wandering as materialized (
  select category, unit_key from finest group by category, unit_key having count(*) > 1
), at_level as (
  -- Who has one place has one amount, the same at each of its levels.
  select l.level, l.value, f.category, f.amount
    from (
      select f.*
        from finest as f
       where not exists (select from wandering as w where w.category = f.category and w.unit_key = f.unit_key)
    ) as f
{levels}
   union all
  select l.level, l.value, f.category, sum(f.amount)::bigint
    from (
      select f.* from finest as f join wandering as w on w.category = f.category and w.unit_key = f.unit_key
    ) as f
{levels}
   group by l.level, l.value, f.category, f.unit_key
)
select a.level, a.value, a.category, null::text as reason, count(*) as numerators, 0 as denominators, count(*) as units,
       0 as amount,
       percentile_disc(0.5) within group (order by a.amount) as lower_middle,
       percentile_disc(0.5) within group (order by a.amount desc) as upper_middle,
       null as starts, null as squares
  from at_level as a
 group by a.level, a.value, a.category
 union all
select l.level, l.value, f.category, f.reason, 0, 0, count(distinct f.unit_key), 0, null, null, null, null
  from (select * from evidence where counted = 'excluded') as f
{levels}
 group by l.level, l.value, f.category, f.reason
