-- The months of an edition, by level value: women who were met for the first time there (they add up to I01), group
-- sessions held, the women present at them (both add up to those of I09), and the sum of the squares of those present.
with spot_level as (
  select c.spot, l.level, l.value
    from carrier_at as c
    left join cpas_at as r using (cpas)
   cross join lateral (
           values ('total', ''), ('region', coalesce(r.region, 'unknown')), ('cpas', c.cpas), ('project', c.project)
         ) as l (level, value)
), first_met as (
  select l.level, l.value, p.woman_no, min(c.occurred_on) as occurred_on
    from contact_at as c
    join participation_at as p using (seat)
    join spot_level as l using (spot)
   group by l.level, l.value, p.woman_no
), held as (
  select s.spot, s.occurred_on, s.first_id
    from group_session_at as s
   where s.invalid is null
), attended as (
  select a.first_id, count(*) as present
    from attendance_at as a
   where a.presence = 'present' and a.invalid is null
   group by a.first_id
), counted as (
  select level, value, occurred_on, 1 as women, 0 as sessions, 0 as present, 0 as squares
    from first_met
   union all
  select l.level, l.value, h.occurred_on, 0, 1, coalesce(a.present, 0), coalesce(a.present, 0) * coalesce(a.present, 0)
    from held as h
    join spot_level as l using (spot)
    left join attended as a using (first_id)
)
select level, value, to_char(occurred_on, 'YYYY-MM'), sum(women)::bigint, sum(sessions)::bigint, sum(present)::bigint,
       sum(squares)::bigint
  from counted
 group by level, value, to_char(occurred_on, 'YYYY-MM')
 order by level, value, to_char(occurred_on, 'YYYY-MM')
