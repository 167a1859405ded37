-- code: I09
-- name: group_attendance
-- version: 1
-- en: Group attendance
-- fr: Présence aux groupes de parole
-- nl: Aanwezigheid op groepsbijeenkomsten
-- de: Anwesenheit bei Gruppentreffen
-- source: the authority's reports: average attendance per group session; the method: at least every two weeks
-- rule: women present / group sessions; women present / women who were present, excused or absent; days since the group's
--   previous session / 7

-- [part] measure = mean_present
-- kind: per_unit
-- unit: women
-- each: row
select s.spot, s.cpas, s.project, s.first_id::text as unit, s.event_id, s.position,
       case when s.invalid is null then 'denominator' else 'excluded' end as counted, s.invalid as reason,
       null::integer as amount
  from group_session_at as s
 union all
select a.group_spot, a.group_cpas, a.group_project, a.first_id || '/' || a.participation, a.event_id, a.position,
       case when a.invalid is null then 'numerator' else 'excluded' end, a.invalid,
       case when a.invalid is null then 1 end
  from attendance_at as a
 where a.presence = 'present'

-- [part] measure = presence_rate
-- kind: share
-- unit: %
-- each: row
select a.spot, a.cpas, a.project, a.first_id || '/' || a.participation as unit, a.event_id, a.position,
       case when a.invalid is not null then 'excluded' when a.presence = 'present' then 'numerator' else 'denominator' end
         as counted,
       a.invalid as reason
  from attendance_at as a

-- [part] measure = weeks_between
-- kind: mean
-- unit: weeks
-- divide: 7
-- each: row
-- place: spot
select s.spot, s.first_id::text as unit, s.event_id, s.position,
       'numerator' as counted, null::text as reason, s.days as amount
  from (
    select s.*, s.occurred_on - lag(s.occurred_on)
             over (partition by s.group_id order by s.occurred_on, s.first_id) as days
      from group_session_at as s
     where s.invalid is null
  ) as s
 where s.days is not null
