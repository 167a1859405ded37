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
select s.cpas, s.project, s.region, s.first_id::text as unit, s.event_id, s.position,
       case when s.invalid is null then 'numerator' else 'excluded' end as counted, s.invalid as reason
  from session_at as s
 where s.fact = 'held'

-- [part] measure = hours
-- kind: sum
-- unit: hours
-- divide: 60
-- each: row
select s.cpas, s.project, s.region, s.first_id::text as unit, s.event_id, s.position,
       'numerator' as counted, null::text as reason, s.duration_minutes as amount
  from session_at as s
 where s.fact = 'held' and s.invalid is null

-- [part] measure = median_per_woman
-- kind: median
-- unit: sessions
select s.cpas, s.project, s.region, s.woman as unit, s.event_id, s.position,
       'numerator' as counted, null::text as reason, 1 as amount
  from session_at as s
 where s.fact = 'held' and s.invalid is null

-- [part] measure = missed
-- kind: count
-- unit: sessions
-- each: row
select s.cpas, s.project, s.region, s.first_id::text as unit, s.event_id, s.position,
       case when s.invalid is null then 'numerator' else 'excluded' end as counted, s.invalid as reason
  from session_at as s
 where s.fact = 'missed'
