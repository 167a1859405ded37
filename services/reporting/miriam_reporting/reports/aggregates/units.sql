-- Tallies of a query in which a unit may have several rows, at one place or at several: distinct units are counted, by
-- level and category. A unit is excluded only where no row of it counts there.
--
-- Nearly every unit has one place: those are counted by place, and only the others unit by unit at each level.
with evidence as materialized (
  {evidence}
), finest as materialized (
  select {place}, e.unit_key,
         bool_or(e.counted = 'numerator') as in_numerator, bool_or(e.counted = 'denominator') as in_denominator,
         sum(e.amount) as amount
    from evidence as e
   where e.counted <> 'excluded'
   group by {group}, e.unit_key
), wandering as materialized (
  select category, unit_key from finest group by category, unit_key having count(*) > 1
), settled as (
  select f.category, f.spot, f.cpas, f.project,
         count(*) filter (where f.in_numerator) as numerators, count(*) filter (where f.in_denominator) as denominators,
         count(*) as units, sum(f.amount) filter (where f.in_numerator) as amount
    from finest as f
   where not exists (select from wandering as w where w.category = f.category and w.unit_key = f.unit_key)
   group by 1, 2, 3, 4
), settled_at_level as (
  select l.level, l.value, f.category, f.numerators, f.denominators, f.units, f.amount
    from settled as f
{levels}
), wandering_at_level as (
  select l.level, l.value, f.category, bool_or(f.in_numerator)::integer as numerators,
         bool_or(f.in_denominator)::integer as denominators, 1 as units,
         sum(f.amount) filter (where f.in_numerator) as amount
    from (
      select f.* from finest as f join wandering as w on w.category = f.category and w.unit_key = f.unit_key
    ) as f
{levels}
   group by l.level, l.value, f.category, f.unit_key
), left_out as (
  select distinct l.level, l.value, f.category, f.reason, f.unit_key
    from (select * from evidence where counted = 'excluded') as f
{levels}
), counted_after_all as (
  select l.level, l.value, f.category, f.unit_key
    from (select * from finest where unit_key in (select unit_key from evidence where counted = 'excluded')) as f
{levels}
)
select a.level, a.value, a.category, null::text as reason,
       sum(a.numerators)::bigint as numerators, sum(a.denominators)::bigint as denominators,
       sum(a.units)::bigint as units, coalesce(sum(a.amount), 0)::bigint as amount,
       null as lower_middle, null as upper_middle, null as starts, null as squares
  from (select * from settled_at_level union all select * from wandering_at_level) as a
 group by a.level, a.value, a.category
 union all
select x.level, x.value, x.category, x.reason, 0, 0, count(*), 0, null, null, null, null
  from left_out as x
 where not exists (
         select
           from counted_after_all as a
          where a.level = x.level and a.value = x.value and a.category = x.category and a.unit_key = x.unit_key
       )
 group by x.level, x.value, x.category, x.reason
