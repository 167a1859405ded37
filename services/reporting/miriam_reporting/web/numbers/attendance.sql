-- Group sessions by how many women were present, by level value: what lies behind the mean of I09, which they add up to.
with spot_level as (
  select c.spot, l.level, l.value
    from carrier_at as c
    left join cpas_at as r using (cpas)
   cross join lateral (
           values ('total', ''), ('region', coalesce(r.region, 'unknown')), ('cpas', c.cpas), ('project', c.project)
         ) as l (level, value)
), attended as (
  select a.first_id, count(*) as present
    from attendance_at as a
   where a.presence = 'present' and a.invalid is null
   group by a.first_id
)
select l.level, l.value, coalesce(a.present, 0)::bigint, count(*)
  from group_session_at as s
  join spot_level as l using (spot)
  left join attended as a using (first_id)
 where s.invalid is null
 group by l.level, l.value, coalesce(a.present, 0)
 order by l.level, l.value, coalesce(a.present, 0)
