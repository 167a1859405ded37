-- code: I08
-- name: individual_sessions
-- version: 1
-- en: Individual sessions
-- fr: Entretiens individuels
-- nl: Individuele gesprekken
-- de: Einzelgespräche
-- source: the method: individual accompaniment, not limited in time, at her own pace
-- rule: valid sessions held; their hours; the median per woman who had any; sessions missed

-- [part]
-- kind: count
-- unit: sessions
-- each: row
select s.spot, s.cpas, s.project, s.first_id::text as unit, s.event_id, s.position,
       case when s.invalid is null then 'numerator' else 'excluded' end as counted, s.invalid as reason
  from session_at as s
 where s.held

-- [part] measure = hours
-- kind: sum
-- unit: hours
-- divide: 60
-- each: row
-- place: spot
select s.spot, s.first_id::text as unit, s.event_id, s.position,
       'numerator' as counted, null::text as reason, s.duration_minutes as amount
  from session_at as s
 where s.held and s.invalid is null

-- [part] measure = median_per_woman
-- kind: median
-- unit: sessions
-- place: spot
-- units: numbered
select s.spot, s.woman_no as unit_no, p.woman as unit, s.event_id, s.position,
       'numerator' as counted, null::text as reason, 1 as amount
  from session_at as s
  left join participation_at as p using (seat)
 where s.held and s.invalid is null

-- [part] measure = missed
-- kind: count
-- unit: sessions
-- each: row
select s.spot, s.cpas, s.project, s.first_id::text as unit, s.event_id, s.position,
       case when s.invalid is null then 'numerator' else 'excluded' end as counted, s.invalid as reason
  from session_at as s
 where not s.held
